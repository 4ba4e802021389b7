"""Making, moving and ending appointments. Everything here flushes and nothing commits.

Every refusal is one of `refusals`. That no practitioner is booked twice is kept by the schema:
docs/appointments.md. Instants are aware; `by` is PATIENT or STAFF. Each change is recorded; a `hand`'s can be
undone for a moment, for which its mails wait: see `changes`.
"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from .. import clock
from ..extensions import db
from . import changes, links, notifications, placing, stranding
from .changes import Hand
from .heard import Place
from .locks import lock_appointment, lock_person, lock_practitioners
from .models import Appointment, Practitioner, Service
from .patients import Patient, check_cap
from .placing import PATIENT, STAFF, changeable_until
from .refusals import ChangedMeanwhile, NotUpcoming, SlotNotOffered, SlotTaken, TooEarly, TooLateToChange

__all__ = [
    "PATIENT",
    "STAFF",
    "Hand",
    "Patient",
    "book",
    "cancel",
    "changeable_until",
    "fulfil",
    "keep",
    "made_with",
    "mark_no_show",
    "reopen",
    "reschedule",
]

_MADE_WITH = select(Appointment).where(Appointment.nonce == bindparam("nonce"))  # made once: that takes a while
ARRIVES_FROM = timedelta(minutes=60)  # before the start: nobody comes earlier than this


def book(
    *,
    service: Service,
    starts_at: datetime,
    patient: Patient,
    practitioner: Practitioner | None = None,
    nonce: str | None = None,
    by: str = PATIENT,
    override: str | None = None,
    enquiry_id: int | None = None,
    tell_patient: bool = True,
    hand: Hand | None = None,
) -> Appointment:
    """Book the service at `starts_at`, with the practitioner or with the first who is free then.

    A patient's booking of a service that staff confirm is a request, which holds its time. The same `nonce` again
    gives the same appointment, whatever became of it. Staff are not bound by cap, grid, notice and horizon,
    and with an `override` (the reason, recorded) not by hours either. Raises SlotTaken, SlotNotOffered,
    TooManyAppointments.
    """
    now = clock.now()
    lock_person(patient.mailbox, patient.phone)
    lock_practitioners([practitioner.id] if practitioner else [person.id for person in service.practitioners])
    if made := made_with(nonce):
        return made
    if by == PATIENT:
        check_cap(patient, now)
    openings = placing.openings_at([starts_at], service, practitioner=practitioner, now=now)
    people = placing.who_is_free(openings, starts_at, by=by, override=override, wanted=practitioner)
    status = "requested" if by == PATIENT and service.confirm == "staff" else "booked"
    row = patient.columns | {
        "status": status,
        "nonce": nonce,
        "made_by": by,
        "price_cents": service.price_cents,
        "override": override,
        "enquiry_id": enquiry_id,
        "created_at": now,
        "first_booked_at": now if status == "booked" else None,
        "told_at": now,
    }
    try:
        appointment = _insert_with_first(people, starts_at, service, openings, row)
    except placing.FormAlreadySent:
        return made_with(nonce)
    with changes.recorded(appointment, status, by=by, hand=hand, now=now, is_new=True):
        notifications.made(appointment, by=by, tell_patient=tell_patient)
    return appointment


def reschedule(
    appointment: Appointment,
    *,
    starts_at: datetime,
    practitioner: Practitioner | None = None,
    by: str = PATIENT,
    override: str | None = None,
    tell_patient: bool = True,
    hand: Hand | None = None,
) -> Appointment:
    """Move the appointment to `starts_at`, with the practitioner (default: the same); the old time is free then.

    To where it already is, nothing happens. Moved by a patient, an appointment of a service that staff
    confirm is a request again. For staff and `override` see `book`. Raises SlotTaken, SlotNotOffered,
    NotUpcoming, TooLateToChange; ChangedMeanwhile where somebody gives it to another practitioner at this moment.
    """
    now = clock.now()
    who = practitioner or appointment.practitioner
    lock_practitioners([who.id])
    lock_appointment(appointment)
    if not appointment.is_upcoming:
        raise NotUpcoming
    if practitioner is None and appointment.practitioner_id != who.id:
        raise ChangedMeanwhile
    if (appointment.starts_at, appointment.practitioner_id) == (starts_at, who.id):
        return appointment
    if by == PATIENT:
        _check_cutoff(appointment, now)
    openings = placing.openings_at(
        [starts_at], appointment.service, practitioner=who, ignoring=appointment, now=now
    )
    placing.who_is_free(openings, starts_at, by=by, override=override, wanted=who)
    was = Place.of(appointment)
    with changes.recorded(appointment, "moved", by=by, hand=hand, now=now):
        placing.move(appointment, starts_at, who, openings.rules, now)
        if by == PATIENT and appointment.service.confirm == "staff":
            appointment.status = "requested"
        appointment.override = override
        db.session.flush()
        notifications.moved(appointment, was=was, by=by, tell_patient=tell_patient)
    return appointment


def cancel(
    appointment: Appointment,
    *,
    by: str = PATIENT,
    reason: str = "",
    tell_patient: bool = True,
    hand: Hand | None = None,
) -> Appointment:
    """Cancel it; its time is free at once. Cancelled already, nothing happens.

    Raises NotUpcoming, TooLateToChange.
    """
    now = clock.now()
    lock_appointment(appointment)
    if appointment.status == "cancelled":
        return appointment
    if not appointment.is_upcoming:
        raise NotUpcoming
    if by == PATIENT:
        _check_cutoff(appointment, now)
    with changes.recorded(appointment, "cancelled", by=by, hand=hand, now=now):
        placing.end(appointment, by=by, reason=reason, now=now)
        notifications.cancelled(appointment, by=by, tell_patient=tell_patient)
    return appointment


def keep(
    appointment: Appointment,
    *,
    override: str | None = None,
    hand: Hand | None = None,
) -> Appointment:
    """Leave what hours have stranded since it was booked as it was agreed. Within hours, nothing happens.

    Raises NotUpcoming; SlotNotOffered unless there is an `override` (the reason, recorded).
    """
    now = clock.now()
    lock_appointment(appointment)
    if appointment.status != "booked":
        raise NotUpcoming
    if not stranding.is_stranded(appointment, now=now):
        return appointment
    if override is None:
        raise SlotNotOffered
    with changes.recorded(appointment, "kept", by=STAFF, hand=hand, now=now):
        appointment.override = override
    return appointment


def fulfil(appointment: Appointment, *, hand: Hand | None = None) -> Appointment:
    """The patient came, an hour before the start at the earliest. Done already, nothing happens.

    Raises NotUpcoming, TooEarly; SlotTaken where a no-show's time has been given to someone else.
    """
    return _close(appointment, "fulfilled", "arrived", -ARRIVES_FROM, hand)


def mark_no_show(appointment: Appointment, *, hand: Hand | None = None) -> Appointment:
    """The patient has not come to what has started; the rest of the time is free. Raises NotUpcoming, TooEarly."""
    return _close(appointment, "noshow", "noshow", timedelta(0), hand)


def reopen(appointment: Appointment, *, hand: Hand | None = None) -> Appointment:
    """It was marked as arrived or as no-show by mistake: it is booked as before. Raises NotUpcoming, SlotTaken."""
    return _close(appointment, "booked", "reopened", None, hand)


def made_with(nonce: str | None) -> Appointment | None:
    """The appointment that the form with this nonce made, whatever has become of it."""
    if not nonce:
        return None
    return db.session.scalar(_MADE_WITH, {"nonce": nonce})


def _insert_with_first(people, starts_at, service, openings, row) -> Appointment:
    """The appointment, with the first of the people whose time nobody else takes.

    Raises SlotTaken, FormAlreadySent.
    """
    for person in people:
        appointment = Appointment(**row, service=service, practitioner=person, offered=[])
        links.give_first(appointment)
        placing.set_time(appointment, starts_at, openings.rules)
        try:
            with placing.refusing():
                db.session.add(appointment)
        except SlotTaken:
            continue
        return appointment
    raise SlotTaken


def _check_cutoff(appointment: Appointment, now: datetime) -> None:
    until = changeable_until(appointment)
    if now > until:
        raise TooLateToChange(until)


def _close(appointment, status, what, after_start: timedelta | None, hand) -> Appointment:
    now = clock.now()
    lock_appointment(appointment)
    if appointment.status not in ("booked", "fulfilled", "noshow"):
        raise NotUpcoming
    if appointment.status == status:
        return appointment
    if after_start is not None and now < appointment.starts_at + after_start:
        raise TooEarly(appointment.starts_at + after_start)
    with changes.recorded(appointment, what, by=STAFF, hand=hand, now=now), placing.refusing():
        appointment.status = status
    return appointment
