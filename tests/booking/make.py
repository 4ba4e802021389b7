"""Appointments as rows, for figures and lists that look back: booking itself only looks ahead."""

from datetime import datetime, timedelta
from uuid import uuid4

from clinic_app import clock, database
from clinic_app.booking.models import Appointment, AppointmentChange


def row(clinic, starts_at: datetime, **changes) -> Appointment:
    """An appointment of half an hour with Robin, as if it had been booked long ago."""
    ordinary = {
        "token_hash": uuid4().hex,
        "practitioner_id": clinic.robin.id,
        "service_id": clinic.visit.id,
        "status": "booked",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=30),
        "busy_until": starts_at + timedelta(minutes=30),
        "name": "Alex Placeholder",
        "email": "Alex@example.org",
        "email_key": "alex@example.org",
        "phone": "+61491570006",
        "made_by": "patient",
        "created_at": starts_at - timedelta(days=7),
        "told_at": starts_at - timedelta(days=7),
    }
    return Appointment(**(ordinary | changes))


def keep(*rows: Appointment | AppointmentChange) -> list[int]:
    """Store them; gives their ids."""
    with database.transaction() as session:
        session.add_all(rows)
        session.flush()
        return [each.id for each in rows]


def keep_in_a_row(clinic, start: datetime, count: int) -> None:
    """Store so many, a quarter of an hour each, one behind the other."""
    length = timedelta(minutes=15)
    starts = [start + length * number for number in range(count)]
    keep(*(row(clinic, at, ends_at=at + length, busy_until=at + length) for at in starts))


def keep_undone(*rows: Appointment) -> list[int]:
    """Store them as cancelled, since their making was undone at once; gives their ids."""
    for appointment in rows:
        appointment.status = "cancelled"
    ids = keep(*rows)
    keep(*(undone_making(number) for number in ids))
    return ids


def undone_making(appointment_id: int) -> AppointmentChange:
    """Tells of an appointment that its making was undone at once."""
    return AppointmentChange(
        appointment_id=appointment_id,
        at=clock.now(),
        what="booked",
        done_by="staff",
        after={},
        mail_ids=[],
        undone_at=clock.now(),
    )
