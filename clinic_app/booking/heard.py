"""Where an appointment is, where it was, and where its patient believes it to be.

To a patient whom no mail has told of a move, it has not moved.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import or_, select

from .. import clock
from ..extensions import db
from ..mail.models import OutboxMail
from .models import Appointment, AppointmentChange, Practitioner
from .placing import PATIENT

REMINDER = "appointment_reminder"
_NAMES_ITS_PLACE = ("appointment_requested", "appointment_booked", "appointment_moved", REMINDER)


class Place(NamedTuple):
    """When and with whom an appointment is, or was."""

    starts_at: datetime
    practitioner: Practitioner

    @classmethod
    def of(cls, appointment: Appointment) -> "Place":
        return cls(appointment.starts_at, appointment.practitioner)

    @classmethod
    def before(cls, change: AppointmentChange) -> "Place":
        who = db.session.get(Practitioner, change.before["practitioner_id"])
        return cls(datetime.fromisoformat(change.before["starts_at"]), who)


def state_of(uid: str, sequence: int) -> str:
    """How the events begin of all mails that tell of an appointment in this state."""
    return f"appointment {uid}, {sequence}"


def to_patient(appointment: Appointment):
    """SQL: a mail about it that is no notice to staff."""
    return OutboxMail.is_about("appointment", appointment.id) & (OutboxMail.name != "appointment_notice")


def known_place(appointment: Appointment) -> Place:
    """Where its patient believes it to be."""
    return _last_heard(appointment, Place.of(appointment), _standing(appointment))


def known_before(appointment: Appointment, stood: Place, *, by: str) -> Place:
    """Where its patient believed it to be before a change that is being made; it `stood` where that found it. A
    patient who makes the change has seen where it stood."""
    return stood if by == PATIENT else _last_heard(appointment, stood, _standing(appointment))


def known_before_last_move(appointment: Appointment) -> Place | None:
    """The same for its last move that stands, if there is one."""
    changes = _standing(appointment)
    for number, change in enumerate(changes, start=1):
        if change.what == "moved":
            stood = Place.before(change)
            return stood if change.done_by == PATIENT else _last_heard(appointment, stood, changes[number:])
    return None


def calendar_may_know(appointment: Appointment) -> bool:
    """Whether the patient's calendar may hold it: a mail that puts it there was sent or tried, or is in a worker's
    hand and goes out before what is queued now. Old mails are removed: of what they told, nobody knows."""
    kept_from = clock.now() - timedelta(days=current_app.config["CLINIC"].keep_mails_days)
    if appointment.created_at < kept_from:
        return True
    may_have_gone = or_(OutboxMail.state.in_(("sent", "sending")), OutboxMail.attempts > 0)
    query = select(OutboxMail.id).where(to_patient(appointment), OutboxMail.calendar_method == "REQUEST")
    return db.session.scalar(query.where(may_have_gone).limit(1)) is not None


def _last_heard(appointment: Appointment, place: Place, changes: list[AppointmentChange]) -> Place:
    """Go back from the place, change by change, past what staff did and no mail has told the patient.

    Patients know what they did themselves. Where no mail was queued for a move, staff have told them.
    """
    gone_out = _gone_out(appointment)
    for change in changes:
        told = gone_out.get(state_of(appointment.uid, change.after["sequence"]))
        if told or change.done_by == PATIENT:
            break
        if change.what == "moved":
            if told is None:
                break
            place = Place.before(change)
    return place


def _standing(appointment: Appointment) -> list[AppointmentChange]:
    """What was done to it and not undone, newest first."""
    query = select(AppointmentChange).filter_by(appointment_id=appointment.id, undone_at=None)
    return list(db.session.scalars(query.order_by(AppointmentChange.id.desc())))


def _gone_out(appointment: Appointment) -> dict[str, bool]:
    """For each state (see `state_of`) that the patient was to be mailed of: whether any mail that names the place
    has gone out.

    A reminder that has not gone out is left aside: staff may have told them before it was queued.
    """
    found: dict[str, bool] = {}
    query = select(OutboxMail.event, OutboxMail.state).where(
        to_patient(appointment),
        OutboxMail.name.in_(_NAMES_ITS_PLACE),
        or_(OutboxMail.name != REMINDER, OutboxMail.state == "sent"),
    )
    for event, state in db.session.execute(query):
        told = event.partition(":")[0]
        found[told] = found.get(told, False) or state == "sent"
    return found
