"""Whole weeks of the clinic's calendar, and how SQL sorts instants into them.

Databases keep instants in UTC, and their knowledge of time zones differs (SQLite has none). So Python finds the
few clock changes that lie in the weeks, and SQL adds the offset that held at each instant: counting by week and
hour stays in the database, and is right on both days when clocks change.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, case
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from .. import clock

WEEK, HOUR = 7 * 24 * 3600, 3600
LONGEST = 106  # weeks: two years, so that each can be laid beside the one before


class epoch(FunctionElement):  # noqa: N801  an SQL function, named as one
    """SQL: whole seconds since 1970 of an instant, in UTC."""

    type = BigInteger()
    inherit_cache = True


@compiles(epoch, "sqlite")
def _sqlite_epoch(element, compiler, **options) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"


@compiles(epoch)
def _epoch(element, compiler, **options) -> str:
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **options)})) AS BIGINT)"


class Weeks(NamedTuple):
    """`count` whole weeks, Monday to Sunday; `first` is the Monday of the first."""

    first: date
    count: int

    @classmethod
    def holding(cls, first_day: date, last_day: date) -> "Weeks":
        """The weeks that hold these days and all between; of more than LONGEST the last ones."""
        last = monday_of(max(first_day, last_day))
        count = min((last - monday_of(min(first_day, last_day))).days // 7 + 1, LONGEST)
        return cls(last - timedelta(weeks=count - 1), count)

    @classmethod
    def ending(cls, day: date, count: int) -> "Weeks":
        """So many weeks, the last of which holds the day."""
        return cls(monday_of(day) - timedelta(weeks=count - 1), count)

    @property
    def mondays(self) -> list[date]:
        return [self.first + timedelta(weeks=number) for number in range(self.count)]

    @property
    def last_day(self) -> date:
        """The Sunday that ends them."""
        return self.first + timedelta(days=7 * self.count - 1)

    @property
    def starts_at(self) -> datetime:
        return clock.instant_of(self.first)

    @property
    def ends_at(self) -> datetime:
        """The instant at which the week after them begins."""
        return clock.instant_of(self.first + timedelta(weeks=self.count))

    def hold(self, column) -> ColumnElement[bool]:
        """SQL: the instant lies in one of the weeks."""
        return (column >= self.starts_at) & (column < self.ends_at)

    def number(self, column) -> ColumnElement[int]:
        """SQL: which of the weeks the instant lies in, the first is 0."""
        return self._seconds(column) // WEEK

    def hour(self, column) -> ColumnElement[int]:
        """SQL: the hour of the week on the clinic's clocks: 0 for Monday's first, 167 for Sunday's last."""
        return self._seconds(column) % WEEK // HOUR

    def _seconds(self, column) -> ColumnElement[int]:
        """SQL: how many seconds the clinic's clocks show since the first Monday began."""
        *before, (_, last) = self._offsets()
        offset = case(*((column < until, seconds) for until, seconds in before), else_=last) if before else last
        start = int(datetime.combine(self.first, datetime.min.time(), UTC).timestamp())
        return epoch(column) + offset - start

    def _offsets(self) -> Iterator[tuple[datetime, int]]:
        """(until when, seconds ahead of UTC) for each stretch of the weeks without a clock change."""
        zone, at, end = clock.zone(), self.starts_at, self.ends_at
        while at < end:
            after = min(at + timedelta(days=1), end)
            if at.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
                change = clock.change_between(at, after, zone)
                yield change, int(at.astimezone(zone).utcoffset().total_seconds())
            at = after
        yield end, int((end - timedelta(microseconds=1)).astimezone(zone).utcoffset().total_seconds())


def monday_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())
