"""Requests: appointments of services that staff confirm. A request holds its time until it is answered."""

from datetime import datetime, timedelta
from operator import itemgetter

from sqlalchemy import ColumnElement, Select, select, union_all

from .. import clock
from ..extensions import db
from . import changes, notices, notifications, placing, slots, stranding
from .availability import Openings
from .changes import Hand
from .heard import Place
from .locks import lock_appointment, lock_practitioners
from .models import Appointment, OfferedTime, Practitioner
from .placing import PATIENT, STAFF
from .refusals import NotUpcoming, SlotNotOffered

WAITS_ON = timedelta(days=30)  # after its start, and after the last time that was offered instead


def waiting(*, practitioner_id: int | None = None, now: datetime) -> Select:
    """The query of the requests that wait for staff, of one practitioner or of all: no offered time is to come.

    Who asked was promised an answer, so a request that nobody answered in time waits for WAITS_ON more, as does
    one whose patient took none of the times that were offered.
    """
    return _requested(practitioner_id, now).where(~_can_choose(now))


def offered(*, practitioner_id: int | None = None, now: datetime) -> Select:
    """The query of the requests that wait for their patients, who can choose an offered time that is to come."""
    return _requested(practitioner_id, now).where(_can_choose(now))


def accept(
    appointment: Appointment,
    *,
    override: str | None = None,
    tell_patient: bool = True,
    hand: Hand | None = None,
) -> Appointment:
    """Book what was requested. Booked already, nothing happens. For `hand` see `changes`. Raises NotUpcoming;
    SlotNotOffered for what hours have stranded since, unless there is an `override` (the reason, recorded).

    The patient hears nothing of a time that has come: who was there knows, and nobody else is to be asked in.
    """
    now = clock.now()
    lock_appointment(appointment)
    if appointment.status == "booked":
        return appointment
    _check_requested(appointment)
    if override is None and stranding.is_stranded(appointment, now=now):
        raise SlotNotOffered
    was_told = notices.practitioner_knows(appointment)
    with changes.recorded(appointment, "accepted", by=STAFF, hand=hand, now=now):
        _book(appointment, now)
        appointment.override = override or appointment.override
        appointment.sequence += 1  # calendars learn that it is no longer tentative (RFC 5546, 2.1.4)
        db.session.flush()
        notifications.accepted(appointment, was_told=was_told, tell_patient=tell_patient)
    return appointment


def decline(
    appointment: Appointment,
    *,
    reason: str = "",
    tell_patient: bool = True,
    hand: Hand | None = None,
) -> Appointment:
    """Turn the request down; the patient hears the reason. Done already, nothing happens. Raises NotUpcoming."""
    now = clock.now()
    lock_appointment(appointment)
    if appointment.status == "cancelled":
        return appointment
    _check_requested(appointment)
    with changes.recorded(appointment, "declined", by=STAFF, hand=hand, now=now):
        placing.end(appointment, by=STAFF, reason=reason, now=now)
        notifications.declined(appointment, tell_patient=tell_patient)
    return appointment


def offer(
    appointment: Appointment,
    *,
    times: list[tuple[Practitioner, datetime]],
    hand: Hand | None = None,
) -> Appointment:
    """Offer these times instead of the one requested, which stays held; the patient chooses by their link.

    There is one at least. They are not held: first come, first served. The same offer again changes nothing.
    Raises NotUpcoming; SlotTaken, SlotNotOffered for a time that is past or not free, by staff's rules.
    """
    now = clock.now()
    lock_appointment(appointment)
    _check_requested(appointment)
    if {(o.practitioner_id, o.starts_at) for o in appointment.offered} == {(p.id, at) for p, at in times}:
        return appointment
    _check_free(appointment, times, now)
    with changes.recorded(appointment, "offered", by=STAFF, hand=hand, now=now):
        appointment.offered = [
            OfferedTime(practitioner=who, starts_at=starts_at)
            for who, starts_at in sorted(times, key=itemgetter(1))
        ]
        db.session.flush()
        notifications.offered(appointment, now=now)
    return appointment


def open_offers(appointment: Appointment) -> list[OfferedTime]:
    """The offered times that are to come and still free, in order; four queries where there are any to come."""
    now = clock.now()
    ahead = [offered for offered in appointment.offered if offered.starts_at > now]
    if not ahead:
        return []
    times = [offered.starts_at for offered in ahead]
    openings = placing.openings_at(times, appointment.service, ignoring=appointment, now=now)
    diaries = {person.id: diary for person, diary in openings.diaries}
    return [
        offered
        for offered in ahead
        if offered.practitioner_id in diaries
        and slots.fits(diaries[offered.practitioner_id], openings.rules, offered.starts_at)
    ]


def choose(appointment: Appointment, *, practitioner: Practitioner, starts_at: datetime) -> Appointment:
    """The patient takes one of the offered times, and has it booked. Chosen already, nothing happens.

    Raises NotUpcoming; SlotTaken when someone was quicker; SlotNotOffered for a time that was not offered.
    """
    now = clock.now()
    lock_practitioners([practitioner.id])
    lock_appointment(appointment)
    chosen = (practitioner.id, starts_at)
    if appointment.status == "booked" and chosen == (appointment.practitioner_id, appointment.starts_at):
        return appointment
    _check_requested(appointment)
    if chosen not in {(o.practitioner_id, o.starts_at) for o in appointment.offered}:
        raise SlotNotOffered
    openings = _check_free(appointment, [(practitioner, starts_at)], now)
    was_told = notices.practitioner_knows(appointment)
    was = Place.of(appointment)
    with changes.recorded(appointment, "chosen", by=PATIENT, now=now):
        placing.move(appointment, starts_at, practitioner, openings.rules, now)
        _book(appointment, now)
        db.session.flush()
        notifications.chosen(appointment, was=was if was_told else None)
    return appointment


def _requested(practitioner_id: int | None, now: datetime) -> Select:
    # Each part reads a range of an index: by the status alone, all that nobody ever answered would be read.
    is_requested, since = Appointment.status == "requested", now - WAITS_ON
    live = union_all(
        select(Appointment.id).where(is_requested, Appointment.starts_at > since),
        select(OfferedTime.appointment_id).where(
            OfferedTime.starts_at > since, OfferedTime.appointment.has(is_requested)
        ),
    )
    query = select(Appointment).where(Appointment.id.in_(live))
    return query if practitioner_id is None else query.where(Appointment.practitioner_id == practitioner_id)


def _can_choose(now: datetime) -> ColumnElement[bool]:
    return Appointment.offered.any(OfferedTime.starts_at > now)


def _book(appointment: Appointment, now: datetime) -> None:
    appointment.status = "booked"
    appointment.first_booked_at = appointment.first_booked_at or now
    appointment.told_at = now
    appointment.offered.clear()


def _check_requested(appointment: Appointment) -> None:
    if appointment.status != "requested":
        raise NotUpcoming


def _check_free(appointment, times: list[tuple[Practitioner, datetime]], now: datetime) -> Openings:
    starts = [starts_at for _, starts_at in times]
    if min(starts) <= now:
        raise SlotNotOffered(min(starts))
    openings = placing.openings_at(starts, appointment.service, ignoring=appointment, now=now)
    for who, starts_at in times:
        placing.who_is_free(openings, starts_at, by=STAFF, wanted=who)
    return openings
