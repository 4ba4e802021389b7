"""Lays a day out as a board: a lane for each practitioner (or for each day of one), time running down.

Places are counted in rows of five minutes from the board's first hour, by instants: a lane on a day of a clock
change has as many rows as the day has. No inline style is allowed, so classes say where: see staff_calendar.css.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple

from flask import current_app

from ... import clock
from ...booking import slots
from ...booking.agenda import Item, PractitionersDay
from ...times.periods import Period

ROW = timedelta(minutes=5)
ROWS_AN_HOUR = 12
HOUR = timedelta(hours=1)
LEAST_STEP = timedelta(minutes=15)  # so that a start can be pressed with a finger
USUAL_HOURS = (8, 18)  # of a day on which nothing is known of


class Block(NamedTuple):
    """What a lane shows at a place: an `appointment`, `away`, `now`, a `start` at which somebody could be booked.

    `gone` is free time that has passed. The first start of a free period tells of the whole `free` period.
    """

    kind: str
    place: str
    period: Period
    item: Item | None = None
    free: Period | None = None
    is_rest: bool = False  # of what began the day before

    @property
    def free_minutes(self) -> int:
        return (self.free.end - self.free.start) // timedelta(minutes=1)

    @property
    def is_short(self) -> bool:
        """Whether there is room for one line only."""
        return self.period.end - self.period.start < timedelta(minutes=25)


class Lane(NamedTuple):
    """One practitioner's day as blocks, in order."""

    day: PractitionersDay
    blocks: list[Block]


class Board(NamedTuple):
    """Lanes side by side, and the hours beside them: (place, time on the wall, whose zone finds no room there)."""

    hours: list[tuple[str, time]]
    lanes: list[Lane]


def board_of(days: list[PractitionersDay], now: datetime) -> Board:
    """The board of these days, from the first hour that any of them needs to the last."""
    first, last = _span(days)
    lanes = [Lane(day, _blocks(day, _window(day, first, last), now)) for day in days]
    return Board(_hours(_window(days[0], first, last)) if days else [], lanes)


def _span(days: list[PractitionersDay]) -> tuple[int, int]:
    """The first hour, and the hour by which all is over (24: midnight), on the wall."""
    begins, ends = [], []
    for day in days:
        for item in day.items:
            start, end = clock.local(item.period.start), clock.local(item.period.end)
            begins.append(start.hour if start.date() == day.date else 0)
            ends.append(end.hour + (end.minute > 0 or end.fold) if end.date() == day.date else 24)
    return (min(begins), max(ends)) if begins else USUAL_HOURS


def _window(day: PractitionersDay, first: int, last: int) -> Period:
    end_of_day = day.date + timedelta(days=1)
    end = clock.instant_of(end_of_day) if last == 24 else clock.instant_of(day.date, time(last))
    return Period(clock.instant_of(day.date, time(first)), end)


def _hours(window: Period) -> list[tuple[str, time]]:
    found, at = [], window.start
    while at < window.end:
        found.append((_place(Period(at, at + HOUR), window), clock.local(at).time()))
        at += HOUR
    return found


def _blocks(day: PractitionersDay, window: Period, now: datetime) -> list[Block]:
    found = []
    for item in day.items:
        if item.kind == "free":
            found += _starts(item, day, window, now)
        else:
            rest = item.period.start < window.start
            found.append(Block(item.kind, _place(item.period, window), item.period, item, is_rest=rest))
    if window.start <= now < window.end:
        found.append(Block("now", _place(Period(now, now + ROW), window), Period(now, now)))
    return sorted(found, key=lambda block: block.period)


def _starts(item: Item, day: PractitionersDay, window: Period, now: datetime) -> Iterator[Block]:
    """The free period: what has passed of it, then each start: its own, and those of visitors' grid within it."""
    step, free = timedelta(minutes=current_app.config["CLINIC"].slot_step_minutes), item.period
    grid = slots.grid(day.hours, step * -(-LEAST_STEP // step), free.start, free.end)
    parts = [Period(*ends) for ends in pairwise(dict.fromkeys([free.start, *grid, free.end]))]
    left = [part for part in parts if part.end > now]
    start = left[0].start if left else free.end
    if free.start < start:
        gone = Period(free.start, start)
        yield Block("gone", _place(gone, window), gone)
    for part in left:
        whole = Period(start, free.end) if part.start == start else None
        yield Block("start", _place(part, window), part, item, whole)


def _place(period: Period, window: Period) -> str:
    """Classes: `h-` hours and `r-` rows from the top, `hs-` hours and `rs-` rows long."""
    start, end = max(period.start, window.start), min(period.end, window.end)
    top = (start - window.start) // ROW
    rows = max(1, (end - window.start) // ROW - top)
    from_top, length = divmod(top, ROWS_AN_HOUR), divmod(rows, ROWS_AN_HOUR)
    return f"h-{from_top[0]} r-{from_top[1]} hs-{length[0]} rs-{length[1]}"
