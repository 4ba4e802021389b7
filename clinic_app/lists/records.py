"""Rows of any table: read by their ids, a few at a time, and told as plain values."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from operator import attrgetter

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import InstrumentedAttribute

from .. import clock
from ..extensions import db

TOGETHER = 500  # ids in one statement

# What stands for a name and an address that are gone. The ending is reserved, so it is nobody's (RFC 2606).
NOBODY = "Anonymous"
NOWHERE = "erased.invalid"


def is_nowhere(address: str | None) -> bool:
    """Whether the email address stands for one that is gone."""
    return (address or "").endswith("@" + NOWHERE)


def in_groups(ids: Collection[int]) -> Iterator[list[int]]:
    """The ids in ascending order, TOGETHER at a time."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), TOGETHER):
        yield ordered[start : start + TOGETHER]


def lock(model: type, ids: Collection[int]) -> None:
    """Wait for others who change these rows of a table to end, and have them wait for us."""
    for group in in_groups(ids):
        db.session.execute(select(model.id).where(model.id.in_(group)).order_by(model.id).with_for_update()).all()


def delete_rows(model: type, ids: Collection[int], *conditions) -> int:
    """Delete these rows of a table, those only that meet the conditions; gives how many went."""
    return sum(
        db.session.execute(
            delete(model).where(model.id.in_(group), *conditions), execution_options={"synchronize_session": False}
        ).rowcount
        for group in in_groups(ids)
    )


def different(ids: Collection[int], *columns: InstrumentedAttribute) -> set[tuple]:
    """What these columns of a table hold beside each other, in the rows of these ids."""
    query, key = select(*columns).distinct(), columns[0].class_.id
    return {tuple(row) for group in in_groups(ids) for row in db.session.execute(query.where(key.in_(group)))}


def latest(ids: Collection[int], *, by: InstrumentedAttribute, count: int) -> list:
    """The last of these rows in the order of one of their columns, latest first."""
    found = []
    for group in in_groups(ids):
        query = select(by.class_).where(by.class_.id.in_(group)).order_by(by.desc())
        found += db.session.scalars(query.limit(count))
    return sorted(found, key=attrgetter(by.key), reverse=True)[:count]


def as_record(row: Row, *, without: Collection[str]) -> dict:
    """The row's columns by name, but for those named."""
    return {name: value for name, value in row._mapping.items() if name not in without}


def as_json(value) -> str:
    """For `json.dumps(default=...)`: days and times as ISO 8601, instants in the clinic's zone."""
    if isinstance(value, datetime):
        return clock.format_iso(value)
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"{value!r} has no form in JSON")
