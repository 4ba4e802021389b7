"""Reminders of what is booked and comes soon, which state alone decides.

What a worker that stood still has missed is made up for, as far as it still helps. Each start is told of once.
"""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import exists, or_, select

from .. import clock
from ..extensions import db
from ..mail import changing, claims
from ..mail.models import OutboxMail
from . import notifications
from .models import Appointment

USEFUL_BEFORE = timedelta(hours=1)  # a reminder that comes later than this helps nobody
TOO_LATE = "the last time it names came before it went out"  # why a mail was withdrawn


def due(now: datetime):
    """The query of booked appointments that are to be reminded of at the instant `now`, soonest first.

    What is booked, starts within `reminder_hours` but not within the hour, has an email, and has not been reminded
    of this start.
    """
    return (
        select(Appointment)
        .where(Appointment.status == "booked", Appointment.email_key.is_not(None))  # anonymous ones have none
        .where(Appointment.starts_at > now + USEFUL_BEFORE, Appointment.starts_at <= now + _lead())
        .where(or_(Appointment.reminded_of.is_(None), Appointment.reminded_of != Appointment.starts_at))
        .order_by(Appointment.starts_at, Appointment.id)
    )


def any_due() -> bool:
    """Whether `send_due` has work: a cheap look, which takes no lock."""
    return db.session.scalar(due(clock.now()).with_only_columns(Appointment.id).limit(1)) is not None


def will_come(starts_at: datetime, *, told_at: datetime) -> bool:
    """Whether a patient who is told of this time at `told_at` gets a reminder of it later: not where it is within
    `reminder_hours` already."""
    return _lead() > USEFUL_BEFORE and told_at <= starts_at - _lead()


def send_due(*, limit: int = 100) -> int:
    """Queue up to `limit` due reminders and give their number; flushes. Any number of workers may run it at once.

    Where `will_come` says that there is none to send, the reminder counts as given.
    """
    now = clock.now()
    query = due(now).limit(limit).with_for_update(of=Appointment, skip_locked=True, key_share=True)
    sent = 0
    for appointment in db.session.scalars(query.execution_options(populate_existing=True)).all():
        appointment.reminded_of = appointment.starts_at
        if will_come(appointment.starts_at, told_at=appointment.told_at):
            notifications.reminded(appointment, now=now)
            sent += 1
    db.session.flush()
    return sent


def any_late() -> bool:
    """Whether `withdraw_late` has work: a cheap look, which takes no lock."""
    return db.session.scalar(select(exists().where(_late()))) or bool(_too_late(_late_news()))


def withdraw_late() -> None:
    """Take back what waited too long for a mail server: the appointment is here, or over.

    Reminders are gone; other mails to the patient are withdrawn, for staff to see. What somebody is changing just
    now is left to the next time.
    """
    changing.take_back_waiting(claims.in_no_hand(select(OutboxMail.id).where(_late())))
    for mail_id in _too_late(_late_news().with_for_update(skip_locked=True)):
        changing.withdraw_untrue(mail_id, reason=TOO_LATE)


def _late():
    """SQL: a queued reminder that can help nobody any more."""
    return notifications.waiting_reminders() & _is_about_a_start_by(clock.now() + USEFUL_BEFORE)


def _late_news():
    """The query of queued mails to patients of times that have come."""
    news = select(OutboxMail.id, OutboxMail.name, OutboxMail.about_id)
    return news.where(notifications.waiting_news(), notifications.last_time_told() <= clock.now())


def _too_late(news) -> list[int]:
    """The numbers of what the query finds, but for what calls off a time that is still to come."""
    return [
        mail_id
        for mail_id, name, about_id in db.session.execute(news).all()
        if not notifications.calls_off(name, db.session.get(Appointment, about_id), now=clock.now())
    ]


def _is_about_a_start_by(instant: datetime):
    """Asked for each mail that waits: as a list, SQLite would read all appointments of the past for it."""
    return exists().where(Appointment.id == OutboxMail.about_id, Appointment.starts_at <= instant)


def _lead() -> timedelta:
    return timedelta(hours=current_app.config["CLINIC"].reminder_hours)
