"""Giving an appointment its time: who is free for it, and what the database says to it."""

from collections.abc import Collection
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy.exc import DBAPIError

from .. import clock, database
from ..extensions import db
from . import availability, slots
from .availability import Openings
from .models import Appointment, Practitioner, Service
from .refusals import Refused, SlotNotOffered, SlotTaken
from .slots import Rules

PATIENT, STAFF = "patient", "staff"
DEADLOCK = "40P01"  # PostgreSQL's SQLSTATE


class FormAlreadySent(Refused):
    """An appointment with this form's nonce has just been made."""


def openings_at(
    times: Collection[datetime],
    service: Service,
    *,
    practitioner: Practitioner | None = None,
    ignoring: Appointment | None = None,
    now: datetime,
) -> Openings:
    """The openings on all days from the first to the last of these times, for `who_is_free`; four queries."""
    first, last = clock.local(min(times)).date(), clock.local(max(times)).date()
    return availability.load(
        service, practitioner=practitioner, first=first, last=last, now=now, ignoring=ignoring
    )


def who_is_free(
    openings: Openings,
    starts_at: datetime,
    *,
    by: str,
    override: str | None = None,
    wanted: Practitioner | None,
) -> list[Practitioner]:
    """Those who can take the time, in the clinic's order; nobody but who is `wanted`, if anyone is.

    Patients are bound by all rules, staff by hours, and with an override by nothing but the schema. Raises
    SlotTaken or SlotNotOffered, of this time, when nobody can.
    """
    if override is not None:
        return [wanted] if wanted else [person for person, _ in openings.diaries]
    suits = slots.is_free if by == PATIENT else slots.fits
    asked = [(one, diary) for one, diary in openings.diaries if wanted is None or one.id == wanted.id]
    if free := [person for person, diary in asked if suits(diary, openings.rules, starts_at)]:
        return free
    if any(suits(replace(diary, busy=()), openings.rules, starts_at) for _, diary in asked):
        raise SlotTaken(starts_at)
    raise SlotNotOffered(starts_at)


def set_time(appointment: Appointment, starts_at: datetime, rules: Rules) -> None:
    """Its start, end, and the end of the gap after it."""
    appointment.starts_at = starts_at
    appointment.ends_at = starts_at + rules.length
    appointment.busy_until = appointment.ends_at + rules.gap


def move(appointment: Appointment, starts_at: datetime, who: Practitioner, rules: Rules, now: datetime) -> None:
    """Put it at another time, for calendars and reminders to follow. Raises SlotTaken."""
    with refusing():
        appointment.practitioner = who
        set_time(appointment, starts_at, rules)
        appointment.sequence += 1
        appointment.told_at = now
        appointment.offered.clear()


def end(appointment: Appointment, *, by: str, reason: str, now: datetime) -> None:
    """Make it a cancelled one."""
    appointment.status = "cancelled"
    appointment.cancelled_at = now
    appointment.cancelled_by = by
    appointment.cancel_reason = reason
    appointment.sequence += 1
    appointment.offered.clear()
    db.session.flush()


def changeable_until(appointment: Appointment) -> datetime:
    """The instant up to which its patient can move or cancel it: a request until it starts."""
    return appointment.starts_at - cutoff_of(appointment.service, is_request=appointment.status == "requested")


def cutoff_of(service: Service, *, is_request: bool) -> timedelta:
    """How long before the start patients can move or cancel it, at the latest."""
    if is_request:
        return timedelta(0)
    hours = service.cutoff_hours
    if hours is None:
        hours = current_app.config["CLINIC"].cancel_cutoff_hours
    return timedelta(hours=hours)


@contextmanager
def refusing():
    """Flush the block's changes within a savepoint; what the schema refuses is undone and raised by its name.

    Raises SlotTaken, FormAlreadySent. Locks keep our own writers from meeting in a deadlock; one with a stranger's
    SQL means that the stranger has the time.
    """
    try:
        with db.session.begin_nested():
            yield
    except DBAPIError as error:
        rule = database.broken_rule(error)
        if rule == "appointments_do_not_overlap" or getattr(error.orig, "sqlstate", "") == DEADLOCK:
            raise SlotTaken from error
        if rule == "one_appointment_for_each_form":
            raise FormAlreadySent from error
        raise
