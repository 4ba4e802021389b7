"""Booking for someone on the phone or at the desk.

One form: its buttons look for free times, take one of them, or book. What was typed stays through all of them.
"""

from flask import redirect, render_template, request, url_for

from ... import clock, database
from ...booking import appointments, changes, profiles
from ...booking.appointments import STAFF
from ...booking.models import Appointment
from ...booking.refusals import Refused, SlotNotOffered, SlotTaken
from ...enquiries import inbox, references
from ...enquiries.models import Enquiry
from ...web.filters import dialled
from ...web.times import read_day, read_start
from ..area import member, record
from ..undoing import Said, flash_done
from . import access, free_times
from .answers import done, placed, told
from .area import bp
from .forms import BookForm
from .overriding import only_if_needed


@bp.route("/book", methods=["GET", "POST"])
def book():
    form = _form()
    if request.method == "GET":
        return _page(form)
    if picked := read_start(request.form.get("pick", "")):
        form.set_start(picked)
        return _page(form)
    if "look" in request.form or not form.validate():
        return _page(form)
    try:
        with database.transaction():
            to, said = _send(form)
    except (SlotTaken, SlotNotOffered) as refusal:
        return _refused(form, refusal)
    flash_done(*said)
    return redirect(to, 303)


def _send(form: BookForm) -> tuple[str, Said]:
    """Where to go on, and what to flash there."""
    if made := appointments.made_with(form.nonce.data):
        said = "This form was sent before. This is the appointment that it made."
        return url_for("staff.appointments.show", appointment_id=made.id), (said, None)
    enquiry = _enquiry(form.enquiry.data)
    made = _book(form, enquiry)
    said = f"Booked: {placed(made)}. {told(made, form.tell.data)}"
    if enquiry:
        to = url_for("staff.enquiries.show", reference=references.shown(enquiry.reference))
        return to, done(f"{said} If that answers the enquiry, close it.", made)
    day = clock.local(made.starts_at).date()
    return url_for(".index", day=day, _anchor=f"appointment-{made.id}"), done(said, made)


def _form() -> BookForm:
    form = BookForm(data={"tell": True} if request.method == "GET" else None)
    people = access.people()
    form.offer_people(people, anyone=access.sees_all())
    form.offer_services(profiles.services())
    if request.method == "GET":
        _fill_in(form)
    form.leave_service_open_unless_known()
    return form


def _fill_in(form: BookForm) -> None:
    """What the address knows: service, practitioner, start or day, and who: `enquiry` or `again`, a number."""
    again = request.args.get("again", type=int)
    of_before = access.appointment(again) if again else None
    usual = next((slug for slug, service in form.services.items() if not service.first_visit), None)
    form.service.data = request.args.get("service") or (of_before.service.slug if of_before else usual)
    if of_before and of_before.service.retired:
        form.service.description = f"{of_before.service.name} is no longer offered. Choose what they come for now."
    wanted = request.args.get("practitioner") or (of_before.practitioner.slug if of_before else "")
    if wanted in form.people:
        form.practitioner.data = wanted
    if start := read_start(request.args.get("start", "")):
        form.set_start(start)
    elif (day := read_day(request.args.get("day"))) and day >= clock.today():
        form.day.put(day)
    person = of_before or _enquiry(request.args.get("enquiry"))
    if person and not person.is_anonymous:
        form.name.data, form.email.data = person.name, person.email
        form.phone.data = dialled(person.phone) if person.phone else None
        form.enquiry.data = "" if of_before else person.reference
        with database.transaction():
            record("opened", "appointment" if of_before else "enquiry", person.id)


def _enquiry(reference: str | None) -> Enquiry | None:
    """The enquiry that it comes from, for those who may read enquiries; none that is nobody's any more."""
    enquiry = inbox.find(reference) if reference and member().may("enquiries") else None
    return enquiry if enquiry and not enquiry.is_anonymous else None


def _book(form: BookForm, enquiry: Enquiry | None) -> Appointment:
    made = only_if_needed(
        appointments.book,
        override=form.override.data,
        service=profiles.service(form.service.data),
        practitioner=form.who,
        starts_at=form.starts_at,
        patient=form.patient(),
        nonce=form.nonce.data,
        by=STAFF,
        enquiry_id=enquiry and enquiry.id,
        tell_patient=form.tell.data,
        hand=changes.hand_of(member()),
    )
    record("booked", "appointment", made.id, outside_hours=bool(made.override))
    return made


def _refused(form: BookForm, refusal: Refused):
    if isinstance(refusal, SlotTaken):
        form.at.errors = ["Someone else has that time, or a part of it. Choose another"]
    else:
        form.override.errors = ["That time is outside hours. Give the reason to book it anyway"]
    service = form.services[form.service.data]
    return _page(form, instead=free_times.nearest(service, form.who, form.starts_at))


def _page(form: BookForm, **context) -> str:
    service = form.services.get(form.service.data)
    return render_template(
        "staff/calendar/book.html",
        form=form,
        days=free_times.days(service, form.who, form.day.data or clock.today()) if service else [],
        **context,
    )
