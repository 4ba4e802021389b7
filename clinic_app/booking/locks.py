"""Locks that queue writers of the same rows, always taken in one order: persons, practitioners, appointment.

SQLite needs none: its writing transactions queue from their start (see clinic_app.database). In PostgreSQL two
transactions that insert overlapping appointments at once can end in a deadlock inside the exclusion
constraint, and two appointments of one person could each count to just below the cap; hence these.
"""

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import lazyload

from .. import database
from ..extensions import db
from .models import Appointment, Practitioner

# NO KEY UPDATE: rows that merely refer to a practitioner need not wait.
_PRACTITIONERS = (
    select(Practitioner.id)
    .where(Practitioner.id.in_(bindparam("ids", expanding=True)))
    .order_by(Practitioner.id)
    .with_for_update(key_share=True)
)


def lock_person(email_key: str | None, phone: str | None) -> None:
    """Wait for others who book under this email or phone to end."""
    for key in sorted(filter(None, (email_key, phone))):
        database.take_turn(func.hashtextextended(key, 0))


def lock_practitioners(ids: list[int]) -> None:
    """Wait for others who write appointments of these practitioners to end."""
    db.session.execute(_PRACTITIONERS, {"ids": ids}).all()


def lock_appointment(appointment: Appointment) -> None:
    """Wait for others who change this appointment to end, and read it afresh.

    By itself: joined to a practitioner whom the others took off it, PostgreSQL would find no row, and lock none.
    """
    db.session.execute(
        select(Appointment)
        .where(Appointment.id == appointment.id)
        .options(lazyload("*"))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
