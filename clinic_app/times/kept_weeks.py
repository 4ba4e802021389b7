"""Figures of past weeks, kept in a row each, so that those of two years need not count all their rows again.

A row is right for as long as it is there. Whatever changes what was counted in a week takes the week's row away,
in the same transaction (triggers, migration 0024); the next keeping counts it again. A week without a row is
counted when it is asked for. So nothing here is needed for figures to be right, only for them to be quick.

Weeks are those on the clinic's clocks: rows that were kept while it had another time zone are not used.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Row, String, delete, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from .. import clock, database
from ..extensions import db
from ..types import UTCDateTime
from .weeks import Weeks, monday_of

SETTLED = timedelta(days=2)  # after its end a week is kept; until then much of it still changes
AT_ONCE = 8  # weeks, in one short transaction


class KeptWeek:
    """The columns of every table of kept weeks: from when to when it went, and in which zone that was a week."""

    starts_at: Mapped[datetime] = mapped_column(UTCDateTime, primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    zone: Mapped[str] = mapped_column(String(64))


def of(model: type[KeptWeek], weeks: Weeks, *columns: InstrumentedAttribute, now: datetime) -> dict[int, Row]:
    """The columns of those of the weeks that are kept and over by now, by their number among the weeks."""
    query = select(model.starts_at, *columns).where(
        model.zone == clock.zone().key, weeks.hold(model.starts_at), model.ends_at <= now
    )
    first = weeks.starts_at
    return {_number(first, row.starts_at): row for row in db.session.execute(query)}


def others(weeks: Weeks, kept: Mapping[int, object]) -> Iterable[tuple[int, Weeks]]:
    """What lies between kept weeks: (number of the first week, the weeks)."""
    first = 0
    for number in (*sorted(kept), weeks.count):
        if number > first:
            yield first, Weeks(weeks.first + timedelta(weeks=first), number - first)
        first = number + 1


def is_due(model: type[KeptWeek], column: InstrumentedAttribute) -> bool:
    """Whether a week since the column's first instant is over, and not kept; only looks."""
    weeks = _past(column)
    return weeks is not None and _count(model, weeks) < weeks.count


def keep(
    model: type[KeptWeek], column: InstrumentedAttribute, count: Callable[[Weeks], Iterable[dict[str, object]]]
) -> None:
    """Keep the newest weeks that are not, a few; `count` gives what their rows hold. Flushes."""
    if not _nobody_writes(column):
        return
    db.session.execute(delete(model).where(model.zone != clock.zone().key))
    if (weeks := _past(column)) and (these := _newest_not_kept(model, weeks)):
        for monday, values in zip(these.mondays, count(these), strict=True):
            week = Weeks(monday, 1)
            span = {"starts_at": week.starts_at, "ends_at": week.ends_at, "zone": clock.zone().key}
            db.session.add(model(**span, **values))
        db.session.flush()


def _past(column: InstrumentedAttribute) -> Weeks | None:
    """From the week of the column's first instant to the last one that is settled; None where there is none."""
    first = db.session.scalar(select(func.min(column)))
    after = monday_of(clock.local(clock.now() - SETTLED).date())
    if first is None or (monday := monday_of(clock.local(first).date())) >= after:
        return None
    return Weeks(monday, (after - monday).days // 7)


def _count(model: type[KeptWeek], weeks: Weeks) -> int:
    query = select(func.count()).select_from(model)
    return db.session.scalar(query.where(model.zone == clock.zone().key, weeks.hold(model.starts_at)))


def _newest_not_kept(model: type[KeptWeek], weeks: Weeks) -> Weeks | None:
    query = select(model.starts_at).where(weeks.hold(model.starts_at))
    first = weeks.starts_at
    kept = dict.fromkeys(_number(first, at) for at in db.session.scalars(query))
    missing = list(others(weeks, kept))
    if not missing:
        return None
    _, last = missing[-1]
    return Weeks.ending(last.last_day, min(last.count, AT_ONCE))


def _number(first: datetime, starts_at: datetime) -> int:
    """How many weeks after the `first` begins the one that starts then; clocks that change make an hour of it."""
    return round((starts_at - first) / timedelta(weeks=1))


def _nobody_writes(column: InstrumentedAttribute) -> bool:
    """Whether nobody writes to the column's table from now to the end of the transaction.

    Who had changed a week already, and not committed, would have found no row to take away. Writers of SQLite take
    turns anyway; in PostgreSQL those who come wait while some weeks are counted, and nobody's end is waited for.
    """
    if database.is_sqlite():
        return True
    try:
        with db.session.begin_nested():
            db.session.execute(text(f"LOCK TABLE {column.table.name} IN SHARE ROW EXCLUSIVE MODE NOWAIT"))
    except OperationalError:
        return False
    return True
