"""When something can be booked: a pure function of hours, exceptions, what is busy, rules and the present."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ..times.periods import ONE_DAY, Period, covering, merge, on_the_wall, subtract, touching, whole_day


class Rules(NamedTuple):
    """What a service asks of a slot, at the instant `now`.

    A slot starts a whole number of `step` after hours begin, at least `notice` from now and at most `horizon_days`
    days (of the clinic's zone) ahead; `gap` is kept free of appointments after it.
    """

    now: datetime
    zone: ZoneInfo
    length: timedelta
    gap: timedelta = timedelta(0)
    step: timedelta = timedelta(minutes=15)
    notice: timedelta = timedelta(0)
    horizon_days: int = 60

    @property
    def earliest(self) -> datetime:
        return self.now + self.notice

    @property
    def last_day(self) -> date:
        return self.now.astimezone(self.zone).date() + ONE_DAY * self.horizon_days


@dataclass(frozen=True, kw_only=True)
class Diary:
    """All that decides when one practitioner is free. The order of what is in it does not matter.

    `weekly` are (weekday, starts, ends) on the wall, Monday 0; `holidays` are days on which no weekly hours begin;
    `extra` adds hours, `off` (time off and closures) takes them away; `busy` are appointments with their gaps;
    `last_day` is the last day they work. Periods are in UTC.
    """

    weekly: Iterable[tuple[int, time, time]] = ()
    holidays: frozenset[date] = frozenset()
    extra: Iterable[Period] = ()
    off: Iterable[Period] = ()
    busy: Iterable[Period] = ()
    last_day: date | None = None

    @cached_property
    def away(self) -> list[Period]:
        """`off`, merged."""
        return merge(self.off)

    @cached_property
    def taken(self) -> list[Period]:
        """`busy`, merged."""
        return merge(self.busy)

    def hours(self, first: date, last: date, zone: ZoneInfo) -> list[Period]:
        """Hours as written down, before `off`, that appointments starting in `first` to `last` may touch."""
        weekly = list(self.weekly)
        periods = list(self.extra)
        day = first - ONE_DAY  # its hours may cross midnight
        while day <= last + ONE_DAY:  # and so may an appointment
            if day not in self.holidays:
                periods += [on_the_wall(day, a, b, zone) for weekday, a, b in weekly if weekday == day.weekday()]
            day += ONE_DAY
        if self.last_day is not None:
            end = whole_day(self.last_day, zone).end
            periods = [Period(start, min(stop, end)) for start, stop in periods]
        return periods


def starts(diary: Diary, rules: Rules, first: date, last: date) -> Iterator[datetime]:
    """The instants, in order, at which an appointment can start from `first` to `last` (days of the zone).

    Lazy: asking for the first few of a long stretch costs little more than they do.
    """
    last = min(last, rules.last_day)
    if last < first:
        return
    begin = max(whole_day(first, rules.zone).start, rules.earliest)
    end = whole_day(last, rules.zone).end
    hours = diary.hours(first, last, rules.zone)
    free = subtract(hours, diary.away)
    for start in grid(hours, rules.step, begin, end):
        with_patient = Period(start, start + rules.length)
        kept_free = Period(start, with_patient.end + rules.gap)
        if covering(free, with_patient) and not touching(diary.taken, kept_free):
            yield start


def grid(hours: list[Period], step: timedelta, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The instants, in order, that are whole steps from a start of hours, from `begin` up to but without `end`.

    Hours are those of `Diary.hours`: time off does not shift the grid.
    """
    previous = None
    for instant in heapq.merge(*(_steps(period, step, begin, end) for period in hours)):
        if instant != previous:
            yield instant
        previous = instant


def _steps(period: Period, step: timedelta, begin: datetime, end: datetime) -> Iterator[datetime]:
    start = period.start + max(0, -((period.start - begin) // step)) * step
    while start < min(end, period.end):
        yield start
        start += step


def fits(diary: Diary, rules: Rules, start: datetime) -> bool:
    """Whether an appointment at this instant lies in hours and touches nothing: what staff may book.

    Neither grid nor notice nor horizon is asked about.
    """
    day = start.astimezone(rules.zone).date()
    with_patient = Period(start, start + rules.length)
    return covering(subtract(diary.hours(day, day, rules.zone), diary.away), with_patient) and not touching(
        diary.taken, Period(start, with_patient.end + rules.gap)
    )


def is_free(diary: Diary, rules: Rules, start: datetime) -> bool:
    """Whether an appointment can start at this instant."""
    day = start.astimezone(rules.zone).date()
    return start in starts(diary, rules, day, day)
