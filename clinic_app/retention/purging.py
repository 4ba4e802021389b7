"""Removing what has been kept for long enough, step by step: each step is a short transaction of the caller's.

A step looks through no more than the next LOOKED_AT old records, of which many may be kept for others' sake, and
notes how far it came. What becomes due behind that place goes with the next purge.

Any number of workers may try: one of them steps at a time, and whichever comes next goes on where the last one
stopped, be it after a crash. Where the machine's clock has leapt, a daily purge waits for a day, in which somebody
may notice: by a clock that is years ahead, everything would go. What was removed is written into the audit trail
once a purge is through: counts, and nothing of anybody.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import Select, func, select

from .. import clock, database
from ..accounts import audit
from ..enquiries import search
from ..extensions import db
from .kinds import KINDS, Kind
from .models import Purge

LOOKED_AT = 200
EVERY = timedelta(days=1)
LEAP = timedelta(days=30)  # since the last purge: the clock is wrong, or the site was off
SCHEDULE = "schedule"  # who did it, in the audit trail
_ONLY = 1  # the number of the one row


class Due(NamedTuple):
    """How many records of a kind are due, and from when the oldest is; `is_all` where there can be no more."""

    name: str
    count: int
    oldest: datetime | None
    is_all: bool


def due(*, whole: bool = False) -> list[Due]:
    """What a purge would remove now; only looks. Removing appointments can make enquiries due that are not yet.

    Looks through the oldest LOOKED_AT of each kind, or with `whole` through everything old, which can be much.
    One query a kind.
    """
    now = clock.now()
    return [_due(kind, now, whole) for kind in KINDS]


def _due(kind: Kind, now: datetime, whole: bool) -> Due:
    count, oldest, looked_at = db.session.execute(_counting(kind, now, None if whole else LOOKED_AT)).one()
    return Due(name=kind.name, count=count, oldest=oldest, is_all=whole or looked_at < LOOKED_AT)


def _counting(kind: Kind, now: datetime, most: int | None) -> Select:
    """How many of the oldest are due, from when the first of them is, and how many were looked at."""
    oldest = kind.ahead(now, None).limit(most).cte()
    looked_at = select(func.count()).select_from(oldest).scalar_subquery()
    return kind.due_of(select(oldest.c.number), now).with_only_columns(func.count(), func.min(kind.at), looked_at)


def is_due() -> bool:
    """Whether the daily purge is to begin or to go on; only looks."""
    if current_app.config["CLINIC"].purge != "daily":
        return False
    before = last()  # which a clock that was ahead may have begun
    return before is None or before.finished_at is None or abs(clock.now() - before.started_at) >= EVERY


def last() -> Purge | None:
    """The purge under way, or the last one; only looks."""
    return db.session.get(Purge, _ONLY, populate_existing=True)


def step(*, by: str | None = SCHEDULE, wait: bool = False) -> dict[str, int] | None:
    """Remove some of what is due; gives the counts of the whole purge once nothing is left, None before. Flushes.

    Without `wait`, it leaves at once where another server is at it.
    """
    if wait:
        database.take_turn(database.PURGING)
    elif not database.takes_turn(database.PURGING):
        return None
    now = clock.now()
    if by == SCHEDULE and (before := last()) and now - before.started_at > LEAP:
        return _put_off(before, now, by)
    purge = _under_way(now)
    if any(_goes_on(purge, kind, now) for kind in KINDS):
        db.session.flush()
        return None
    return _finish(purge, now, by)


def _put_off(purge: Purge, now: datetime, by: str) -> dict[str, int]:
    """Count this as a purge that found nothing; one that was broken off ends with what it had removed."""
    current_app.logger.warning("Nothing is purged before tomorrow: the last time was long ago, by this clock.")
    if purge.finished_at is not None:
        purge.counts = {}
    purge.started_at = now
    return _finish(purge, now, by)


def _goes_on(purge: Purge, kind: Kind, now: datetime) -> bool:
    """Look through the next of the kind, and remove what is due; whether there may be more of it."""
    rows = db.session.execute(kind.ahead(now, _place(purge, kind)).limit(LOOKED_AT)).all()
    if not rows:
        return False
    due = set(db.session.scalars(kind.due_of([row.number for row in rows], now)))
    purge.places = (purge.places or {}) | {kind.name: [rows[-1].at.isoformat(), rows[-1].number]}
    if due:
        removed = kind.remove(due, now)
        purge.counts = purge.counts | {kind.name: purge.counts.get(kind.name, 0) + removed}
    return bool(due) or len(rows) == LOOKED_AT


def _place(purge: Purge, kind: Kind) -> tuple[datetime, int] | None:
    at, number = (purge.places or {}).get(kind.name, (None, None))
    return (datetime.fromisoformat(at), number) if at else None


def _under_way(now: datetime) -> Purge:
    purge = last() or Purge(id=_ONLY, finished_at=now)
    if purge.finished_at is not None:
        purge.started_at, purge.finished_at, purge.counts, purge.places = now, None, {}, {}
        db.session.add(purge)
    return purge


def _finish(purge: Purge, now: datetime, by: str | None) -> dict[str, int]:
    purge.finished_at, purge.places = now, {}
    if purge.counts:
        search.forget_deleted()
        database.leave_no_remains()
        audit.record("purged", by=by, **purge.counts)
    db.session.flush()
    return purge.counts
