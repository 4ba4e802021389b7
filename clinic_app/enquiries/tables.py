"""Enquiries as rows for files: every one of some weeks, however many."""

from collections.abc import Iterator

from sqlalchemy import Row, select

from .. import chunks
from ..weeks import Weeks
from .models import Enquiry

COLUMNS = (
    Enquiry.id,
    Enquiry.reference,
    Enquiry.received_at,
    Enquiry.state,
    Enquiry.name,
    Enquiry.email,
    Enquiry.phone,
    Enquiry.topic,
    Enquiry.message,
    Enquiry.first_answered_at,
    Enquiry.closed_at,
)
ORDER = (Enquiry.received_at, Enquiry.id)


def received_in(weeks: Weeks, *, state: str | None = None) -> Iterator[Row]:
    """COLUMNS of the enquiries that came in these weeks, oldest first, read in chunks; spam only if asked for."""
    query = select(*COLUMNS).where(weeks.hold(Enquiry.received_at))
    return chunks.rows(query.where(Enquiry.state == state if state else Enquiry.state != "spam"), by=ORDER)
