"""What was done to an appointment, in words."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from ... import clock
from ...booking import changes
from ...booking.models import Appointment, AppointmentChange, Practitioner
from ...extensions import db

DONE = {
    "requested": "Requested",
    "booked": "Booked",
    "corrected": "Details corrected",
    "moved": "Moved",
    "accepted": "Accepted",
    "kept": "Left as agreed",
    "declined": "Declined",
    "offered": "Other times offered",
    "chosen": "Took an offered time",
    "cancelled": "Cancelled",
    "arrived": "Marked as arrived",
    "noshow": "Marked as no-show",
    "reopened": "Booked again, as before",
}
ANSWERS = {DONE["accepted"], DONE["declined"]}
SAYS_WHEN = {"requested", "booked", "chosen"}
ENDS = {"declined", "cancelled"}
STANDS = {
    "booked": "It is booked already",
    "fulfilled": "It was marked as arrived already",
    "noshow": "It was marked as no-show already",
}


class Line(NamedTuple):
    """One thing that was done: what, by whom, when, and the details."""

    at: datetime
    what: str
    by: str
    details: list[str]
    undone_at: datetime | None = None
    undone_by: str = ""


def of(appointment: Appointment) -> list[Line]:
    """All of it, newest first. The making of one that is older than the record is told from the appointment."""
    found = changes.history(appointment)
    lines = _lines(found[::-1])
    if not found or found[0].before is not None:
        made_by = "the patient" if appointment.made_by == "patient" else "staff"
        began = found[0].before["status"] if found else appointment.status
        what = DONE["requested" if began == "requested" else "booked"]
        lines.append(Line(at=appointment.created_at, what=what, by=made_by, details=[]))
    return lines


def since(appointment: Appointment, seen: int) -> list[Line]:
    """What came after the change of this number, oldest first; that one too, if it was undone."""
    return _lines([c for c in changes.history(appointment) if c.id > seen or (c.id == seen and c.undone_at)])


def already(appointment: Appointment) -> str:
    """How it stands, and who made it so where it has ended."""
    if appointment.status != "cancelled":
        return STANDS[appointment.status]
    ends = [change for change in changes.history(appointment) if change.what in ENDS and not change.undone_at]
    return (
        f"It was {DONE[ends[-1].what].lower()} by {_by(ends[-1])} already" if ends else "It was cancelled already"
    )


def _by(change: AppointmentChange) -> str:
    return "the patient" if change.done_by == "patient" else change.member_name or "the command line"


def _lines(found: list[AppointmentChange]) -> list[Line]:
    names = dict(db.session.execute(select(Practitioner.id, Practitioner.name)).all())
    return [_line(change, names) for change in found]


def _line(change: AppointmentChange, names: dict[int, str]) -> Line:
    return Line(
        at=change.at,
        what=DONE.get(change.what, change.what),
        by=_by(change),
        details=_details(change, names),
        undone_at=change.undone_at,
        undone_by=change.undone_by,
    )


def _details(change: AppointmentChange, names: dict[int, str]) -> list[str]:
    before, after, told = change.before, change.after, []
    if change.what == "moved":
        told.append(f"from {_where(before, names)}")
        told.append(f"to {_where(after, names)}")
    elif change.what in SAYS_WHEN:
        told.append(_where(after, names))
    elif change.what == "offered":
        told += [_where({"practitioner_id": person, "starts_at": at}, names) for person, at in after["offered"]]
    if after["override"] and after["override"] != (before or {}).get("override"):
        told.append(f"outside hours: {after['override']}")
    return told


def _where(state: dict, names: dict[int, str]) -> str:
    when = clock.format_when(datetime.fromisoformat(state["starts_at"]))
    return f"{when} with {names.get(state['practitioner_id'], 'somebody')}"
