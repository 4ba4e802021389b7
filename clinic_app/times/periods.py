"""Arithmetic on half-open periods of time. Pure: nothing here knows of a database or of the present.

A period holds its start and not its end, so one that ends when another starts does not overlap it.
"""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ..clock import instant_of

ONE_DAY = timedelta(days=1)  # no appointment takes longer: see `appointments_end_within_a_day`


class Period(NamedTuple):
    """From `start` up to, not including, `end`: aware instants in UTC (other zones' sums skip clock changes)."""

    start: datetime
    end: datetime

    def overlaps(self, other: "Period") -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: "Period") -> bool:
        return self.start <= other.start and other.end <= self.end


def merge(periods: Iterable[Period]) -> list[Period]:
    """The same instants as sorted periods that neither overlap nor touch; empty ones vanish."""
    merged: list[Period] = []
    for period in sorted(p for p in periods if p.start < p.end):
        if merged and period.start <= merged[-1].end:
            merged[-1] = Period(merged[-1].start, max(merged[-1].end, period.end))
        else:
            merged.append(period)
    return merged


def subtract(periods: Iterable[Period], holes: Iterable[Period]) -> list[Period]:
    """The instants of `periods` that are in no hole, merged."""
    holes = merge(holes)
    left = []
    for start, end in merge(periods):
        for hole in holes[bisect_left(holes, start, key=lambda hole: hole.end) :]:
            if hole.start >= end:
                break
            left.append(Period(start, hole.start))
            start = hole.end
        left.append(Period(start, end))
    return merge(left)


def within(periods: Iterable[Period], limits: Period) -> list[Period]:
    """The instants of `periods` that lie in `limits`, merged."""
    return merge(Period(max(start, limits.start), min(end, limits.end)) for start, end in periods)


def covering(merged: list[Period], period: Period) -> bool:
    """Whether one of the merged periods holds the whole of `period`."""
    index = bisect_left(merged, period.start, key=lambda p: p.end)
    # A period that ends exactly at the start may stand before the one that counts.
    return any(candidate.holds(period) for candidate in merged[index : index + 2])


def touching(merged: list[Period], period: Period) -> bool:
    """Whether any of the merged periods overlaps `period`."""
    index = bisect_left(merged, period.start, key=lambda p: p.end)
    return any(candidate.overlaps(period) for candidate in merged[index : index + 2])


def whole_day(day: date, zone: ZoneInfo) -> Period:
    """The day from midnight to midnight on the wall: 23 to 25 hours."""
    return Period(instant_of(day, time.min, zone), instant_of(day + ONE_DAY, time.min, zone))


@lru_cache(maxsize=16_384)  # a page asks for the same two months of hours several times
def on_the_wall(day: date, starts: time, ends: time, zone: ZoneInfo) -> Period:
    """A day's hours as instants; hours that end at or before their start end on the next day."""
    last = day + ONE_DAY if ends <= starts else day
    return Period(instant_of(day, starts, zone), instant_of(last, ends, zone))
