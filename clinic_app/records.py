"""Records of any table as plain values: what a person is given of them, and how ids are taken a few at a time."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time

from sqlalchemy import Row

from . import clock

TOGETHER = 500  # ids in one statement

# What stands for a name and an address that are gone. The ending is reserved, so it is nobody's (RFC 2606).
NOBODY = "Anonymous"
NOWHERE = "erased.invalid"


def in_groups(ids: Collection[int]) -> Iterator[list[int]]:
    """The ids in ascending order, TOGETHER at a time."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), TOGETHER):
        yield ordered[start : start + TOGETHER]


def as_record(row: Row, *, without: Collection[str] = ()) -> dict:
    """The row's columns by name."""
    return {name: value for name, value in row._mapping.items() if name not in without}


def as_json(value) -> str:
    """For `json.dumps(default=...)`: days and times as ISO 8601, instants in the clinic's zone."""
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    raise TypeError(f"{value!r} has no form in JSON")
