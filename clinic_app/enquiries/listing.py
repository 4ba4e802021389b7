"""Lists of enquiries for staff: by state, owner and text; how many there are, and which are overdue."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, Select, func, select

from .. import clock
from ..extensions import db
from ..lists import chunks
from ..lists.counting import WORTH_TELLING, counted
from ..times.overdue import overdue_since
from ..times.weeks import Weeks
from .models import STATES, Enquiry

COUNTED = WORTH_TELLING
NEWEST_FIRST = (Enquiry.received_at.desc(), Enquiry.id.desc())
LONGEST_WAITING_FIRST = (Enquiry.received_at, Enquiry.id)
NOBODY = 0  # as an owner: the enquiries that are nobody's


class Counts(NamedTuple):
    """How many enquiries there are in each state, up to COUNTED, and how many new ones are overdue."""

    new: int
    open: int
    closed: int
    spam: int
    overdue: int


def matching(*, state: str | None = None, owner: int | None = None) -> Select:
    """The query of the enquiries in this state (None: in any), of this owner."""
    query = select(Enquiry)
    if state:
        query = query.where(Enquiry.state == state)
    if owner == NOBODY and not state:
        # Most are nobody's, and no index has those in order of time. So all are walked in that order (by COALESCE
        # the databases do not try the index of owners), and the others left out.
        query = query.where(func.coalesce(Enquiry.owner_id, NOBODY) == NOBODY)
    elif owner is not None:
        query = query.where(Enquiry.owner_id == (owner or None))
    return query


def unclosed_of(owner: int) -> Select:
    """The query of the numbers of what this member looks after and is not done with; spam may be taken back."""
    return select(Enquiry.id).where(Enquiry.owner_id == owner, Enquiry.state != "closed")


def count_unclosed_of(owner: int) -> int:
    """How many those are."""
    return db.session.scalar(unclosed_of(owner).with_only_columns(func.count()))


def counts() -> Counts:
    """The counts of tabs, rail and queue, in one query that reads no more than its index for what it counts."""
    parts = {state: _counted(Enquiry.state == state) for state in STATES}
    parts["overdue"] = _counted(Enquiry.state == "new", Enquiry.received_at <= overdue_since(clock.now()))
    row = db.session.execute(select(*(part.label(name) for name, part in parts.items()))).one()
    return Counts(**row._mapping)


def is_overdue(enquiry: Enquiry) -> bool:
    """Whether it is new, and should have been answered by now."""
    return enquiry.state == "new" and enquiry.received_at <= overdue_since(clock.now())


def others_of(enquiry: Enquiry) -> int:
    """How many other enquiries came from this email address or phone number, up to COUNTED."""
    same = [
        column == value
        for column, value in ((Enquiry.email_key, enquiry.email_key), (Enquiry.phone, enquiry.phone))
        if value
    ]
    ids = [select(Enquiry.id).where(condition, Enquiry.id != enquiry.id).limit(COUNTED) for condition in same]
    return len({id for query in ids for id in db.session.scalars(query)})


def received_in(weeks: Weeks, columns: Sequence[ColumnElement], *, state: str | None = None) -> Iterator[Row]:
    """These columns (then the number) of all that came in these weeks, oldest first, read in chunks; spam only if
    asked for."""
    query = select(*columns, Enquiry.id).where(weeks.hold(Enquiry.received_at))
    query = query.where(Enquiry.state == state if state else Enquiry.state != "spam")
    return chunks.rows(query, by=LONGEST_WAITING_FIRST)


def _counted(*conditions):
    return counted(select(Enquiry).where(*conditions), Enquiry.id, up_to=COUNTED)
