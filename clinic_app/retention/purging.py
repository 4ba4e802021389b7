"""Removing what has had its time, a batch a step: each step is a short transaction of the caller's.

Any number of workers may try: one of them steps at a time, and whichever comes next goes on where the last one
stopped, be it after a crash. What was removed is written into the audit trail once a purge is through: counts, and
nothing of anybody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from .. import clock, database
from ..accounts import audit
from ..enquiries import search
from ..extensions import db
from .kinds import KINDS
from .models import Purge

BATCH = 200
EVERY = timedelta(days=1)
SCHEDULE = "schedule"  # who did it, in the audit trail
_ONLY = 1  # the number of the one row
_LOCK = 7_016_394_521  # of PostgreSQL's advisory locks: nothing else of ours takes it


@dataclass(frozen=True, kw_only=True)
class Due:
    """How many records of a kind have had their time, and from when the oldest is."""

    name: str
    count: int
    oldest: datetime | None


def due(now: datetime | None = None) -> list[Due]:
    """What a purge would remove now; only looks. Removing appointments can make enquiries due that are not yet."""
    now = now or clock.now()
    found = ((kind.name, *db.session.execute(kind.summary(now)).one()) for kind in KINDS)
    return [Due(name=name, count=count, oldest=oldest) for name, count, oldest in found]


def is_due() -> bool:
    """Whether the daily purge is to begin or to go on; only looks."""
    if current_app.config["CLINIC"].purge != "daily":
        return False
    before = last()
    return before is None or before.finished_at is None or before.started_at <= clock.now() - EVERY


def last() -> Purge | None:
    """The purge under way, or the last one; only looks."""
    return db.session.get(Purge, _ONLY, populate_existing=True)


def step(*, by: str | None = SCHEDULE, wait: bool = False) -> dict[str, int] | None:
    """Remove the next batch; gives the counts of the whole purge once nothing is left, None before. Flushes.

    Without `wait`, it leaves at once where another server is at it.
    """
    if not _is_our_turn(wait=wait):
        return None
    now = clock.now()
    purge = _under_way(now)
    for kind in KINDS:
        ids = db.session.scalars(kind.query(now).limit(BATCH)).all()
        if ids:
            removed = kind.remove(ids, now)
            purge.counts = purge.counts | {kind.name: purge.counts.get(kind.name, 0) + removed}
            db.session.flush()
            return None
    return _finish(purge, now, by)


def _under_way(now: datetime) -> Purge:
    purge = last() or Purge(id=_ONLY, finished_at=now)
    if purge.finished_at is not None:
        purge.started_at, purge.finished_at, purge.counts = now, None, {}
        db.session.add(purge)
    return purge


def _finish(purge: Purge, now: datetime, by: str | None) -> dict[str, int]:
    purge.finished_at = now
    if purge.counts:
        search.forget_deleted()
        audit.record("purged", by=by, **purge.counts)
    db.session.flush()
    return purge.counts


def _is_our_turn(*, wait: bool) -> bool:
    """SQLite's writers queue anyway."""
    if database.is_sqlite():
        return True
    if wait:
        db.session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        return True
    return db.session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK)))
