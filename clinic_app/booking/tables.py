"""Appointments as rows for files: every one of some weeks, however many."""

from collections.abc import Iterator

from sqlalchemy import Row, Select, select

from .. import chunks
from ..weeks import Weeks
from .listing import NEVER_MEANT
from .models import Appointment, Practitioner, Service

COLUMNS = (
    Appointment.id,
    Appointment.starts_at,
    Appointment.ends_at,
    Appointment.status,
    Practitioner.name.label("practitioner"),
    Service.name.label("service"),
    Appointment.price_cents,
    Appointment.name,
    Appointment.email,
    Appointment.phone,
    Appointment.is_new,
    Appointment.note,
    Appointment.made_by,
    Appointment.created_at,
    Appointment.cancelled_at,
    Appointment.cancelled_by,
    Appointment.cancel_reason,
)


ORDER = (Appointment.starts_at, Appointment.id)


def starting_in(
    weeks: Weeks, *, practitioner: Practitioner | None = None, status: str | None = None
) -> Iterator[Row]:
    """COLUMNS of the appointments that start in these weeks, in order of start, read in chunks."""
    return chunks.rows(query(weeks, practitioner=practitioner, status=status), by=ORDER)


def query(weeks: Weeks, *, practitioner: Practitioner | None = None, status: str | None = None) -> Select:
    """The query of `starting_in`, in no order."""
    found = select(*COLUMNS).join(Appointment.practitioner).join(Appointment.service)
    found = found.where(weeks.hold(Appointment.starts_at), ~NEVER_MEANT)
    if status:
        found = found.where(Appointment.status == status)
    if practitioner:
        found = found.where(Appointment.practitioner_id == practitioner.id)
    return found
