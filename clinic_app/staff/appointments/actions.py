"""The page of one appointment, and the buttons on it: each does one thing, says so, and offers to undo it."""

from collections.abc import Callable
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select

from ... import clock, database
from ...booking import appointments as domain
from ...booking import changes, notifications, requests, stranding
from ...booking.appointments import ARRIVES_FROM, STAFF
from ...booking.models import Appointment, AppointmentChange
from ...booking.refusals import Refused, SlotNotOffered, SlotTaken
from ...enquiries import references
from ...enquiries.models import Enquiry
from ...extensions import db
from ...mail.models import OutboxMail
from ..area import member, record, row
from ..calendar import access
from ..calendar.answers import TIME_IS_GONE, done, in_vain, told, words_of
from ..calendar.forms import EndForm, OutsideForm
from ..calendar.overriding import only_if_needed
from ..gone import Gone
from ..undoing import flash_done
from . import history, unseen
from .area import bp
from .minors import MinorForm


@bp.get("/<int:appointment_id>")
def show(appointment_id):
    with database.transaction():
        record("opened", "appointment", access.appointment(appointment_id).id)
    return _page(access.appointment(appointment_id))


@bp.post("/<int:appointment_id>/arrived")
def arrived(appointment_id):
    return _do(appointment_id, "marked as arrived", domain.fulfil, lambda made: "Marked as arrived.")


@bp.post("/<int:appointment_id>/no-show")
def no_show(appointment_id):
    return _do(appointment_id, "marked as no-show", domain.mark_no_show, lambda made: "Marked as no-show.")


@bp.post("/<int:appointment_id>/reopen")
def reopen(appointment_id):
    return _do(appointment_id, "reopened", domain.reopen, lambda made: "Booked again, as before.")


@bp.post("/<int:appointment_id>/accept")
def accept(appointment_id):
    return _go_outside(appointment_id, "accepted", requests.accept, lambda made: f"Accepted. {told(made, True)}")


@bp.post("/<int:appointment_id>/keep")
def keep(appointment_id):
    return _go_outside(appointment_id, "kept", domain.keep, lambda made: "Left as agreed.")


@bp.post("/<int:appointment_id>/decline")
def decline(appointment_id):
    return _end(appointment_id, "declined", requests.decline, "Declined.")


@bp.post("/<int:appointment_id>/cancel")
def cancel(appointment_id):
    return _end(appointment_id, "cancelled", domain.cancel, "Cancelled.", by=STAFF)


@bp.post("/<int:appointment_id>/undo")
def undo(appointment_id):
    number = request.args.get("change", type=int) or 0
    try:
        with database.transaction():
            access.appointment(appointment_id)
            change = row(AppointmentChange, number)
            if change.appointment_id != appointment_id:
                raise Gone
            undone = changes.undo(change, hand=changes.hand_of(member()))
            record("undid", "appointment", appointment_id, what=change.what)
    except SlotTaken:
        flash(TIME_IS_GONE, "error")
    except Refused as refusal:
        flash(words_of(refusal), "error")
    else:
        flash("Undone.")
        if change.before is None:  # nobody wants to see an appointment that never was
            return redirect(url_for("staff.calendar.index", day=clock.local(undone.starts_at).date()), 303)
    return redirect(_address(appointment_id), 303)


def _go_outside(appointment_id: int, action: str, verb: Callable, say: Callable[[Appointment], str]):
    """Do what needs a reason where the appointment is outside hours by now."""
    form = OutsideForm()
    if not form.validate():
        return _came_back(appointment_id, form)
    verb = partial(only_if_needed, verb, override=form.override.data)
    return _do(appointment_id, action, verb, say, form=form)


def _end(appointment_id: int, action: str, verb: Callable, said: str, **named):
    form = EndForm()
    if not form.validate():
        return _came_back(appointment_id, form)
    named |= {"reason": form.reason.data or "", "tell_patient": form.tell.data}

    def say(made: Appointment) -> str:
        is_news = verb is requests.decline or notifications.is_awaited(made, now=clock.now())
        return f"{said} {told(made, form.tell.data, is_news=is_news)}"

    return _do(appointment_id, action, verb, say, form=form, **named)


def _came_back(appointment_id: int, form: EndForm | OutsideForm):
    """The page with the form and what is wrong with it, as long as the form stands there."""
    appointment = access.appointment(appointment_id)
    if appointment.is_upcoming:
        return _page(appointment, form)
    flash("Nothing was changed: this appointment has ended in the meantime.", "error")
    return redirect(_back(appointment_id), 303)


def _do(
    appointment_id: int,
    action: str,
    verb: Callable,
    say: Callable[[Appointment], str],
    *,
    form: EndForm | OutsideForm | None = None,
    **named,
):
    """Do it and say so, or say why not, back where the button was; what has changed since is shown first."""
    hand = unseen.hand()
    try:
        with database.transaction():
            appointment = access.appointment(appointment_id)
            verb(appointment, hand=hand, **named)
            if hand.change:
                record(action, "appointment", appointment_id)
                said = done(say(appointment), appointment)
            else:
                said = in_vain(history.already(appointment), appointment)
    except Refused as refusal:
        appointment = access.appointment(appointment_id)
        if unseen.of(appointment) is not None:
            return _page(appointment, form)
        if isinstance(refusal, SlotNotOffered):
            form.override.errors = ["That time is outside hours. Give the reason, to go on anyway"]
            return _page(appointment, form)
        flash(words_of(refusal), "error")
    else:
        flash_done(*said)
    return redirect(_back(appointment_id), 303)


def _back(appointment_id: int) -> str:
    """Where the button was: the calendar, the queue, or the appointment's own page."""
    back = request.form.get("back")
    if back == "queue":
        return url_for("staff.queue.index")
    if back == "calendar":
        day = clock.local(access.appointment(appointment_id).starts_at).date()
        return url_for("staff.calendar.index", day=day, _anchor=f"appointment-{appointment_id}")
    return _address(appointment_id)


def _address(appointment_id: int) -> str:
    return url_for(".show", appointment_id=appointment_id)


def _page(appointment: Appointment, sent: EndForm | OutsideForm | None = None) -> str:
    """The page, with the form open that was sent, if one was."""
    now = clock.now()
    enquiry = appointment.enquiry_id and db.session.get(Enquiry, appointment.enquiry_id)
    lines = history.of(appointment)
    return render_template(
        "staff/appointments/show.html",
        appointment=appointment,
        ending=sent if isinstance(sent, EndForm) else EndForm(formdata=None, data={"tell": True}),
        outside=sent if isinstance(sent, OutsideForm) else OutsideForm(formdata=None),
        sent=sent,
        minor=MinorForm(appointment, formdata=None),
        is_stranded=stranding.is_stranded(appointment, now=now),
        seen=unseen.latest(appointment),
        news=unseen.of(appointment),
        history=lines,
        is_request=appointment.status == "requested" or lines[0].what in history.ANSWERS,
        mails=_mails(appointment),
        enquiry=references.shown(enquiry.reference) if enquiry else None,
        has_started=appointment.starts_at <= now,
        end_is_news=appointment.status == "requested" or notifications.is_awaited(appointment, now=now),
        can_arrive=appointment.starts_at - ARRIVES_FROM <= now,
        now=now,
        day=clock.local(appointment.starts_at).date(),
    )


def _mails(appointment: Appointment) -> list[OutboxMail]:
    query = select(OutboxMail).where(OutboxMail.is_about("appointment", appointment.id))
    return list(db.session.scalars(query.order_by(OutboxMail.id.desc()).limit(50)))
