"""Correcting who comes to an appointment, and how to reach them. Everything here flushes and nothing commits; `by`
and `hand` are those of `appointments`."""

from datetime import datetime, timedelta

from .. import clock
from ..extensions import db
from . import changes, links, notifications
from .changes import Hand
from .locks import lock_appointment, lock_person
from .models import Appointment
from .patients import Patient, check_cap
from .placing import PATIENT, STAFF

MENDED_WITHIN = timedelta(minutes=30)  # a mistake in one's own details, by the form that made the appointment


def correct(
    appointment: Appointment,
    *,
    patient: Patient,
    by: str = PATIENT,
    hand: Hand | None = None,
) -> bool:
    """Take over what the patient says of themselves: by the same form sent again, or to staff.

    Patients correct only soon after its making (MENDED_WITHIN), before its start, and until staff have corrected
    it: what they send again may be the old mistake. Gives whether the appointment says what the patient says now.
    Another email address gets the confirmation, with a new link: the one that went to the old address, which may
    be a stranger's, opens nothing any more. Mails to the same address that still wait go out with what was mended.
    Raises TooManyAppointments, not to staff.
    """
    now = clock.now()
    if by == PATIENT:  # whose appointments are counted
        lock_person(patient.mailbox, patient.phone)
    lock_appointment(appointment)
    if by == PATIENT and not _may_mend(appointment, now):
        return False
    mended = differences(appointment, patient)
    if by == PATIENT and mended.keys() & {"email_key", "phone"}:
        check_cap(patient, now, besides=appointment)
    if not mended:
        return True
    with changes.recorded(appointment, "corrected", by=by, hand=hand, now=now):
        _take_over(appointment, mended, now)
        if by == PATIENT:
            notifications.corrected(appointment, now=now)
    return True


def _take_over(appointment: Appointment, mended: dict, now: datetime) -> None:
    for name, value in mended.items():
        setattr(appointment, name, value)
    if "email_key" in mended:
        links.renew(appointment)
        appointment.sequence += 1  # what the new address is mailed is news, though it had the appointment before
        appointment.reminded_of = None  # whoever was reminded was somebody else
        if appointment.status == "booked":  # a request waits for its answer as long as before
            appointment.told_at = now
    db.session.flush()
    if "email_key" in mended:
        notifications.readdressed(appointment, now=now)
    else:
        notifications.retold(appointment, now=now)


def differences(appointment: Appointment, patient: Patient) -> dict:
    """What the patient says otherwise than the appointment does, by column."""
    return {name: value for name, value in patient.columns.items() if getattr(appointment, name) != value}


def _may_mend(appointment: Appointment, now: datetime) -> bool:
    is_early = now < min(appointment.starts_at, appointment.created_at + MENDED_WITHIN)
    return appointment.is_upcoming and is_early and not _staff_have_corrected(appointment)


def _staff_have_corrected(appointment: Appointment) -> bool:
    return any((change.what, change.done_by) == ("corrected", STAFF) for change in changes.history(appointment))
