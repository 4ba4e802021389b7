"""Booking: service, practitioner, time, details. Each step is an address, and needs no script and no cookie."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from .. import clock, rate_limits
from ..booking import appointments, changes, corrections, links, profiles
from ..booking.models import Appointment
from ..booking.refusals import OtherTerms, SlotNotOffered, SlotTaken, TooManyAppointments
from ..database import transaction
from ..extensions import db
from ..web import page_cache
from ..web.guards import refuse_other_sites
from ..web.outages import is_outage
from ..web.times import is_day, read_day
from . import choice, limits
from .booking_form import DetailsForm
from .choice import ANYONE, NOTES, Choice
from .keeping import kept
from .week import week_of

bp = Blueprint("booking", __name__, url_prefix="/book")
bp.before_request(refuse_other_sites)


def is_note(text: str) -> bool:
    """Whether a page says something where this is the argument `note`."""
    return text in NOTES


def leads_on(_text: str) -> bool:
    """No page is kept under what leads to another."""
    return False


@bp.get("")
@kept(service=leads_on, note=is_note, tells_posts=False)
def services():
    if slug := request.args.get("service"):
        return redirect(url_for(".people", service=slug))
    return _page("services", services=profiles.services())


@bp.get("/<service>")
@kept(note=is_note, tells_posts=False)
def people(service):
    offer = choice.offer_of(service)
    if not offer.people:
        return redirect(url_for(".services", note="service"))
    if len(offer.people) == 1:
        note = request.args.get("note")
        return redirect(url_for(".times", service=service, person=offer.people[0].slug, note=note))
    openings = offer.openings()
    page_cache.holds_until(openings.holds_until())
    soonest = [(person, choice.only(openings, person.slug).soonest) for person in offer.people]
    return _page("people", choice=Choice.of(offer.service), people=soonest, soonest=openings.soonest)


@bp.get("/<service>/<person>")
@kept(week=is_day, note=is_note, tells_posts=False)
def times(service, person):
    offer = choice.offer_of(service)
    who = choice.person_of(offer, person)
    openings = offer.openings(practitioner=who)
    page_cache.holds_until(openings.holds_until())
    wanted = read_day(request.args.get("week"))
    week = week_of(openings, wanted)
    if wanted not in (None, week.days[0].date):
        page_cache.do_not_keep()  # there is a page for each day, and no end of days
    return _page("times", choice=Choice.of(offer.service, who), week=week, has_others=len(offer.people) > 1)


@bp.get("/<service>/<person>/<start>")
def details(service, person, start):
    offer = choice.offer_of(service)
    who = choice.person_of(offer, person)
    chosen = Choice.of(offer.service, who, choice.start_of(offer.service, person, start))
    day = clock.local(chosen.starts_at).date()
    openings = offer.openings(practitioner=who, first=day, last=day)
    if not any(slot.starts_at == chosen.starts_at for slot in openings.slots()):
        return redirect(url_for(".times", service=service, person=person, week=day, note="gone"))
    return _form_page(DetailsForm(data={"visits": "new"} if offer.service.first_visit else None), chosen)


@bp.post("/<service>/<person>/<start>")
def book(service, person, start):
    """Whatever happens, what a visitor typed has become an appointment or is still in front of them."""
    form = DetailsForm()
    try:
        chosen = choice.sent_with(service, person, start)
    except SQLAlchemyError as error:
        return _failed(form, choice.unread(service, person, start), error)
    if chosen.person != person:
        return _other_times(form, chosen, profiles.NotFound(person))
    if not form.validate():
        return _form_page(form, chosen)
    try:
        with transaction():
            made, note = _book(form, chosen)
            token = links.token_of(made)
    except (SlotTaken, SlotNotOffered) as refusal:
        return _other_times(form, chosen, refusal)
    except (OtherTerms, TooManyAppointments) as refusal:
        return _form_page(form, chosen, refusal=refusal), 409
    except rate_limits.TooOften as refusal:
        return _form_page(form, chosen, refusal=refusal, ends_at=refusal.ends_at), 429
    except Exception as error:
        return _failed(form, chosen, error)
    return redirect(url_for("manage.show", token=token, note=note), 303)


def _book(form: DetailsForm, chosen: Choice) -> tuple[Appointment, str]:
    """The appointment, and what to say of it: it is booked now, or was already, by this very form."""
    if made := appointments.made_with(form.nonce):
        return made, _correct(made, form) if chosen.is_of(made) else "already"
    form.agree(chosen)
    patient = form.patient()
    limits.count(email=patient.email, phone=patient.phone)
    made = appointments.book(
        service=profiles.service(chosen.service),
        practitioner=None if chosen.person == ANYONE else profiles.practitioner(chosen.person),
        starts_at=chosen.starts_at,
        patient=patient,
        nonce=form.nonce,
    )
    return made, "booked"


def _correct(made: Appointment, form: DetailsForm) -> str:
    """Correct it; gives what to say of that. What was corrected is mailed, so it counts for the limit.

    That it was corrected is said again when the form is sent once more: whoever has put another person's name into
    it would take "already booked" for a second appointment.
    """
    patient = form.patient()
    mended = corrections.differences(made, patient)
    if mended:
        limits.count(email=patient.email, phone=patient.phone)
    if not corrections.correct(made, patient=patient):
        return "already"
    if patient.email and "email_key" in mended:
        return "readdressed"
    return "corrected" if any(change.what == "corrected" for change in changes.history(made)) else "booked"


def _failed(form: DetailsForm, chosen: Choice, error: Exception):
    db.session.rollback()
    current_app.logger.exception("an appointment could not be stored")
    return _form_page(form, chosen, failure=True), 503 if is_outage(error) else 500


def _other_times(form: DetailsForm, chosen: Choice, refusal: Exception):
    return _form_page(form, chosen, refusal=refusal, alternatives=choice.alternatives(chosen)), 409


def _form_page(form: DetailsForm, chosen: Choice, *, refusal=None, **context) -> str:
    form.promise(chosen)
    form.terms.data = form.terms.data or chosen.terms
    return _page(
        "details",
        form=form,
        choice=chosen,
        refusal=type(refusal).__name__ if refusal else None,
        **context,
    )


def _page(name: str, **context) -> str:
    note = NOTES.get(request.args.get("note"))
    return render_template(f"public/booking/{name}.html", note=note, ANYONE=ANYONE, **context)
