"""What was done to an appointment: recorded with each change, and undone for a moment by staff.

The mails of a change by staff are held for as long as it can be undone: for a moment, or until somebody makes a
change that cannot be undone. Undoing puts the appointment back to how it stood before and takes those mails back,
all or none. Everything flushes and nothing commits.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from .. import clock
from ..extensions import db
from ..mail import changing
from ..types import Author
from . import mails, notifications, placing
from .locks import lock_appointment, lock_practitioners
from .models import Appointment, AppointmentChange, OfferedTime, Practitioner
from .placing import STAFF
from .refusals import ChangedMeanwhile, ChangedSince, MailHasGone, TooLateToUndo

INSTANTS = ("starts_at", "ends_at", "busy_until", "first_booked_at", "told_at", "reminded_of", "cancelled_at")
VALUES = ("status", "practitioner_id", "sequence", "override", "cancelled_by")
MUST_STAND = ("status", "practitioner_id", "starts_at", "ends_at")


@dataclass(kw_only=True)
class Hand:
    """The member of staff who makes a change, how long its mails wait for them to undo it, and what came of it.

    `seen` is the number of the last change that their page told of: if there is a later one, theirs is refused
    (None: it is not). `change` is what was written down, None where there was nothing to do any more.
    """

    member_id: int | None
    name: str
    hold_mail_until: datetime | None = None
    seen: int | None = None
    change: AppointmentChange | None = field(default=None, compare=False)


def hand_of(member: Author, *, seen: int | None = None) -> Hand:
    """The hand of this member, whose changes can be undone for `undo_seconds` (a setting) from now."""
    seconds = current_app.config["CLINIC"].undo_seconds
    until = clock.now() + timedelta(seconds=seconds) if seconds else None
    return Hand(member_id=member.id, name=member.name, hold_mail_until=until, seen=seen)


@contextmanager
def recorded(
    appointment: Appointment, what: str, *, by: str, now: datetime, hand: Hand | None = None, is_new: bool = False
) -> Iterator[None]:
    """Write down what the block does to the appointment, which is locked, and hold its mails for the hand.

    Raises ChangedMeanwhile.
    """
    if hand and hand.seen not in (None, latest([appointment.id])[appointment.id]):
        raise ChangedMeanwhile
    until = hand.hold_mail_until if hand else None
    before = None if is_new else _snapshot(appointment)
    if until is None and not is_new:
        changing.release(about=("appointment", appointment.id))
    with mails.gathering(until, at=now) as batch:
        yield
    change = AppointmentChange(
        appointment_id=appointment.id,
        at=now,
        what=what,
        done_by=by,
        member_id=hand.member_id if hand else None,
        member_name=hand.name if hand else "",
        before=before,
        after=_snapshot(appointment),
        mail_ids=batch.mail_ids,
        given_up_ids=batch.given_up_ids,
        reminder_taken_back=batch.reminder_taken_back,
        undo_until=until,
    )
    db.session.add(change)
    db.session.flush()
    if hand:
        hand.change = change


def history(appointment: Appointment) -> list[AppointmentChange]:
    """All that was done to it, oldest first."""
    query = select(AppointmentChange).where(AppointmentChange.appointment_id == appointment.id)
    return list(db.session.scalars(query.order_by(AppointmentChange.id)))


def latest(appointment_ids: Collection[int]) -> dict[int, int]:
    """The number of the last change of each that stands, by which how it stands is told from how it stood before.

    0 where there is none. What was undone tells nothing: it is as before. One query.
    """
    query = select(AppointmentChange.appointment_id, func.max(AppointmentChange.id)).where(
        AppointmentChange.appointment_id.in_(appointment_ids), AppointmentChange.undone_at.is_(None)
    )
    found = db.session.execute(query.group_by(AppointmentChange.appointment_id)).all()
    return dict.fromkeys(appointment_ids, 0) | dict(found)


def undoable(appointment: Appointment) -> AppointmentChange | None:
    """The change that can be undone now, as far as can be told without trying."""
    change = _last(appointment)
    return change if change and change.undo_until and clock.now() <= change.undo_until else None


def undo(change: AppointmentChange, *, hand: Hand) -> Appointment:
    """Put the appointment back to how it stood before the change; its mails never go out. Undone already, nothing
    happens. One that was just made is cancelled without a word, and its form may be sent again.

    Raises TooLateToUndo, ChangedSince, MailHasGone; SlotTaken when someone has got the old time meanwhile.
    """
    now = clock.now()
    appointment = change.appointment
    was_with = (change.before or change.after)["practitioner_id"]
    lock_practitioners([appointment.practitioner_id, was_with])
    lock_appointment(appointment)
    db.session.refresh(change)
    if change.undone_at:
        return appointment
    _check(change, now)
    _take_mails_back(change)
    if change.before is None:
        appointment.nonce = None
        placing.end(appointment, by=STAFF, reason="", now=now)
    else:
        with placing.refusing():
            _restore(change)
    change.undone_at, change.undone_by = now, hand.name
    db.session.flush()
    return appointment


def _snapshot(appointment: Appointment) -> dict:
    found = {name: getattr(appointment, name) for name in VALUES}
    for name in INSTANTS:
        at = getattr(appointment, name)
        found[name] = at.isoformat() if at else None
    found["offered"] = [[other.practitioner_id, other.starts_at.isoformat()] for other in appointment.offered]
    return found


def _last(appointment: Appointment) -> AppointmentChange | None:
    query = select(AppointmentChange).filter_by(appointment_id=appointment.id, undone_at=None)
    return db.session.scalar(query.order_by(AppointmentChange.id.desc()).limit(1))


def _check(change: AppointmentChange, now: datetime) -> None:
    if change.undo_until is None or now > change.undo_until:
        raise TooLateToUndo
    stands = _snapshot(change.appointment)
    if _last(change.appointment) is not change or any(stands[name] != change.after[name] for name in MUST_STAND):
        raise ChangedSince


def _take_mails_back(change: AppointmentChange) -> None:
    """Those it gave up hold again. Raises MailHasGone, also for a reminder of the time that is to be undone."""
    mail_ids = list(change.mail_ids)
    if change.before is None or change.before["sequence"] != change.appointment.sequence:
        mail_ids += notifications.reminders_of_now(change.appointment)
    try:
        changing.take_back(mail_ids, about=("appointment", change.appointment_id))
    except changing.AlreadyGone:
        raise MailHasGone from None
    for mail_id in change.given_up_ids:
        changing.take_up(mail_id)


def _restore(change: AppointmentChange) -> None:
    """Feeds and downloads may have shown the change, so the sequence goes on where calendars had to follow it."""
    appointment, before = change.appointment, change.before
    has_moved_on = appointment.sequence != before["sequence"]
    sequence = appointment.sequence + has_moved_on
    for name in VALUES:
        setattr(appointment, name, before[name])
    for name in INSTANTS:
        setattr(appointment, name, _instant(before[name]))
    appointment.sequence, appointment.cancel_reason = sequence, ""
    appointment.practitioner = db.session.get(Practitioner, before["practitioner_id"])
    if change.reminder_taken_back:
        appointment.reminded_of = None  # so that it is queued again, if it still helps
    if before["offered"] != _snapshot(appointment)["offered"]:
        appointment.offered = [
            OfferedTime(practitioner_id=person, starts_at=_instant(at)) for person, at in before["offered"]
        ]


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
