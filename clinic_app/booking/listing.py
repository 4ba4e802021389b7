"""Which appointments lists, figures and files have: those to come, of some weeks, of an enquiry, of a person."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Row, exists, false, or_, select, text

from .. import clock
from ..extensions import db
from ..lists import chunks
from ..lists.counting import WORTH_TELLING, counted
from ..times.periods import ONE_DAY, Period
from ..times.weeks import Weeks
from .models import HOLDS_ITS_TIME_SQL, Appointment, AppointmentChange, Practitioner

COUNTED = WORTH_TELLING

# Their making was undone at once, which cancelled them. Only what is held of a person still has them.
NEVER_MEANT = exists().where(
    Appointment.status == "cancelled",  # beside the EXISTS, PostgreSQL would read all changes instead of an index
    AppointmentChange.appointment_id == Appointment.id,
    AppointmentChange.before.is_(None),
    AppointmentChange.undone_at.is_not(None),
)


def upcoming(*, practitioner: Practitioner | None = None) -> list[Appointment]:
    """Requested and booked appointments from now on, of one practitioner or of all, in order."""
    far = datetime.max.replace(tzinfo=UTC)
    return upcoming_in(Period(clock.now(), far), practitioner=practitioner)


def upcoming_in(period: Period, *, practitioner: Practitioner | None = None) -> list[Appointment]:
    """Requested and booked appointments of which any part lies in the period, of one practitioner or of all, in
    order."""
    query = (
        select(Appointment)
        .where(text(HOLDS_ITS_TIME_SQL), Appointment.status != "fulfilled")
        .where(Appointment.starts_at > period.start - ONE_DAY, Appointment.starts_at < period.end)
        .where(Appointment.ends_at > period.start)
        .order_by(Appointment.starts_at, Appointment.id)
    )
    if practitioner is not None:
        query = query.where(Appointment.practitioner_id == practitioner.id)
    return list(db.session.scalars(query))


def made_from(enquiry_id: int) -> list[Appointment]:
    """What was booked from this enquiry, in order of making."""
    query = select(Appointment).where(Appointment.enquiry_id == enquiry_id, ~NEVER_MEANT)
    return list(db.session.scalars(query.order_by(Appointment.id)))


def count_of(*, email_key: str, phone: str) -> int:
    """How many were made under this email address (in lower case) or phone number (E.164), up to COUNTED.

    What is "" is nobody's.
    """
    columns = ((Appointment.email_key, email_key), (Appointment.phone, phone))
    theirs = or_(false(), *(column == value for column, value in columns if value))
    query = select(Appointment).where(theirs, ~NEVER_MEANT)
    return db.session.scalar(select(counted(query, Appointment.id, up_to=COUNTED)))


def starting_in(
    weeks: Weeks,
    columns: Sequence[ColumnElement],
    *,
    practitioner: Practitioner | None = None,
    status: str | None = None,
) -> Iterator[Row]:
    """These columns (of an appointment, its practitioner and its service; then its number) of all that start in
    these weeks, in order of start, read in chunks."""
    query = select(*columns, Appointment.id).join(Appointment.practitioner).join(Appointment.service)
    query = query.where(weeks.hold(Appointment.starts_at), ~NEVER_MEANT)
    if status:
        query = query.where(Appointment.status == status)
    if practitioner:
        query = query.where(Appointment.practitioner_id == practitioner.id)
    return chunks.rows(query, by=(Appointment.starts_at, Appointment.id))
