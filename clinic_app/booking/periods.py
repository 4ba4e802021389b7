"""Arithmetic on half-open periods of time. Pure: nothing here knows of a database or of the present.

A period holds its start and not its end, so one that ends when another starts does not overlap it.
"""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo


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


def covering(merged: list[Period], period: Period) -> bool:
    """Whether one of the merged periods holds the whole of `period`."""
    index = bisect_left(merged, period.start, key=lambda p: p.end)
    # A period that ends exactly at the start may stand before the one that counts.
    return any(candidate.holds(period) for candidate in merged[index : index + 2])


def touching(merged: list[Period], period: Period) -> bool:
    """Whether any of the merged periods overlaps `period`."""
    index = bisect_left(merged, period.start, key=lambda p: p.end)
    return any(candidate.overlaps(period) for candidate in merged[index : index + 2])


def instant_at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first instant, in UTC, of the day at which the clock on the wall shows `at` or later.

    A time that comes twice means the first; one that a clock change skips means the change itself.
    """
    wall = datetime.combine(day, at, tzinfo=zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    # Skipped: the change lies between the two readings of the time (PEP 495), both on the whole second.
    early = wall.replace(fold=1).astimezone(UTC)
    after = instant.astimezone(zone).utcoffset()
    seconds = range(int((instant - early).total_seconds()) + 1)
    return early + timedelta(
        seconds=bisect_left(
            seconds, True, key=lambda s: (early + timedelta(seconds=s)).astimezone(zone).utcoffset() == after
        )
    )


def whole_day(day: date, zone: ZoneInfo) -> Period:
    """The day from midnight to midnight on the wall: 23 to 25 hours."""
    return Period(instant_at(day, time.min, zone), instant_at(day + timedelta(days=1), time.min, zone))


def on_the_wall(day: date, starts: time, ends: time, zone: ZoneInfo) -> Period:
    """A day's hours as instants; hours that end at or before their start end on the next day."""
    last = day + timedelta(days=1) if ends <= starts else day
    return Period(instant_at(day, starts, zone), instant_at(last, ends, zone))
