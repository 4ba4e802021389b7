"""Where an appointment was, in truth and as far as its patient has heard: what no mail has told them never was."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ..extensions import db
from ..mail.models import OutboxMail
from .models import Appointment, AppointmentChange, Practitioner
from .placing import PATIENT


@dataclass(frozen=True)
class Was:
    """Where an appointment stood before its move."""

    starts_at: datetime
    practitioner: Practitioner

    @classmethod
    def of(cls, appointment: Appointment) -> "Was":
        return cls(appointment.starts_at, appointment.practitioner)

    @classmethod
    def before(cls, change: AppointmentChange) -> "Was":
        who = db.session.get(Practitioner, change.before["practitioner_id"])
        return cls(datetime.fromisoformat(change.before["starts_at"]), who)


def state_of(uid: str, sequence: int) -> str:
    """How the event of each mail begins that tells how an appointment stands then."""
    return f"appointment {uid}, {sequence}"


def to_patient(appointment: Appointment):
    """SQL: a mail about it that is no notice to staff."""
    return OutboxMail.is_about("appointment", appointment.id) & (OutboxMail.name != "appointment_notice")


def was_before_move(appointment: Appointment, was: Was, *, by: str) -> Was:
    """Where it was for its patient before a move by staff or patient that is being made, from where it `was`."""
    return was if by == PATIENT else _last_heard(appointment, was, _standing(appointment))


def was_before_last_move(appointment: Appointment) -> Was | None:
    """The same for its last move that stands, if there is one."""
    changes = _standing(appointment)
    for number, change in enumerate(changes, start=1):
        if change.what == "moved":
            was = Was.before(change)
            return was if change.done_by == PATIENT else _last_heard(appointment, was, changes[number:])
    return None


def _last_heard(appointment: Appointment, was: Was, changes: list[AppointmentChange]) -> Was:
    """Go back from where it `was`, change by change, while staff moved it there and no mail of that has gone out.

    What patients do they know, and whom no mail was queued for staff have told themselves.
    """
    gone_out = _gone_out(appointment)
    for change in changes:
        told = gone_out.get(state_of(appointment.uid, change.after["sequence"]))
        if told or change.done_by == PATIENT:
            break
        if change.what == "moved":
            if told is None:
                break
            was = Was.before(change)
    return was


def _standing(appointment: Appointment) -> list[AppointmentChange]:
    """What was done to it and not undone, newest first."""
    query = select(AppointmentChange).filter_by(appointment_id=appointment.id, undone_at=None)
    return list(db.session.scalars(query.order_by(AppointmentChange.id.desc())))


def _gone_out(appointment: Appointment) -> dict[str, bool]:
    """By state of which the patient was to be mailed, whether any mail of it has gone out."""
    found: dict[str, bool] = {}
    query = select(OutboxMail.event, OutboxMail.state).where(to_patient(appointment))
    for event, state in db.session.execute(query):
        told = event.partition(":")[0]
        found[told] = found.get(told, False) or state == "sent"
    return found
