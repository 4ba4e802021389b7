"""Appointments as rows, for figures and lists that look back: booking itself only looks ahead."""

from datetime import datetime, timedelta
from uuid import uuid4

from clinic_app import database
from clinic_app.booking.models import Appointment


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


def keep(*rows: Appointment) -> list[int]:
    """Store them; gives their ids."""
    with database.transaction() as session:
        session.add_all(rows)
        session.flush()
        return [appointment.id for appointment in rows]
