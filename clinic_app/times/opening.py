"""When the clinic is open: from its weekly hours, less closed times, and extra hours, in words.

Whoever knows when weekly hours do not hold registers a function by `opening_exceptions`, so that this module need
not know the booking calendar.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from flask import Flask, current_app

from .. import clock
from ..checks import DAYS
from .periods import Period, merge, on_the_wall, subtract, whole_day, within

LOOK_AHEAD_DAYS = 31


@dataclass(frozen=True)
class Exceptions:
    """When weekly hours do not hold, and hours beside them: `extra` wins over `closed`; names of `holidays`."""

    closed: list[Period]
    extra: list[Period]
    holidays: dict[date, str] = field(default_factory=dict)


class Opening(NamedTuple):
    """Whether the clinic is open now, a sentence that says so, and the week: (day, hours in words, is today).

    In `week` today is as it is. The `usual_week` has no closures or extra hours; what differs from it today and on
    the next seven days stands in `unusual_days`, a line a day: `Closed on Friday 25 December: Christmas Day`,
    `Open on Thursday 24 December: 8:00 am to 12:00 pm`. All of this is so until the instant `holds_until`, in UTC,
    unless hours are changed.
    """

    is_open: bool
    text: str
    week: list[tuple[str, str, bool]]
    usual_week: list[tuple[str, str]]
    unusual_days: list[str]
    holds_until: datetime


class _Told(NamedTuple):
    """What was told at an instant, and what it was made from: nearly every page asks for it again."""

    opening: Opening
    at: datetime
    clinic: object
    exceptions: Exceptions

    def holds(self, now: datetime, clinic, exceptions: Exceptions) -> bool:
        is_from_these = self.clinic is clinic and self.exceptions is exceptions
        return is_from_these and self.at <= now < self.opening.holds_until


def opening_exceptions(app: Flask, ask: Callable[[date, date], Exceptions]) -> None:
    """Make the app ask `ask(first, last)` when its weekly hours do not hold."""
    app.extensions["opening_exceptions"] = ask


def opening(now: datetime | None = None) -> Opening:
    """The clinic's opening at an instant (default: now)."""
    now = now or clock.now()
    today = clock.local(now).date()
    exceptions = _exceptions(today)
    clinic, told = current_app.config["CLINIC"], current_app.extensions.get("opening_told")
    if not (told and told.holds(now, clinic, exceptions)):
        told = _Told(_opening(now, today, exceptions), now, clinic, exceptions)
        current_app.extensions["opening_told"] = told
    return told.opening


def _opening(now: datetime, today: date, exceptions: Exceptions) -> Opening:
    periods = _open_periods(today, exceptions)
    usual_week = [(day.title(), in_words(_usual(day))) for day in DAYS]
    week = [(day, hours, False) for day, hours in usual_week]
    week[today.weekday()] = (DAYS[today.weekday()].title(), in_words(periods), True)
    midnight = clock.instant_of(today + timedelta(days=1))
    holds_until = min(at for at in (midnight, *(end for period in periods for end in period)) if at > now)
    is_open = any(start <= now < end for start, end in periods)
    return Opening(
        is_open=is_open,
        text=(_open_until if is_open else _closed_until)(now, today, exceptions),
        week=week,
        usual_week=usual_week,
        unusual_days=_unusual_days(today, exceptions),
        holds_until=holds_until,
    )


def _open_until(now: datetime, today: date, exceptions: Exceptions) -> str:
    """Hours go on over midnight where the next day's begin at it."""
    days = [today + timedelta(days=ahead) for ahead in range(3)]
    periods = merge(period for day in days for period in _open_periods(day, exceptions))
    ends = next(end for start, end in periods if start <= now < end)
    if ends == whole_day(days[-1], clock.zone()).end:
        return "Open now"
    goes_on = ends > clock.instant_of(days[1])
    return f"Open now, until {clock.format_when(ends) if goes_on else clock.format_time(ends)}"


def _closed_until(now: datetime, today: date, exceptions: Exceptions) -> str:
    for ahead in range(LOOK_AHEAD_DAYS):
        day = today + timedelta(days=ahead)
        for starts, _ in _open_periods(day, exceptions):
            if starts > now:
                when = "" if ahead == 0 else f"{clock.format_day(day, year=False)}, "
                return f"Closed, opens {when}{clock.format_time(starts)}"
    return "Closed"


def _unusual_days(today: date, exceptions: Exceptions) -> list[str]:
    """Only holidays are named: what staff write about a closure is for staff."""
    lines = []
    for day in (today + timedelta(days=ahead) for ahead in range(8)):
        periods, when = _open_periods(day, exceptions), clock.format_long_day(day)
        if periods == _open_periods(day, Exceptions([], [])):
            continue
        if periods:
            lines.append(f"Open on {when}: {in_words(periods)}")
        else:
            name = exceptions.holidays.get(day)
            lines.append(f"Closed on {when}: {name}" if name else f"Closed on {when}")
    return lines


def _usual(day: str):
    return current_app.config["CLINIC"].hours[day]


def _exceptions(today: date) -> Exceptions:
    ask = current_app.extensions.get("opening_exceptions")
    return ask(today, today + timedelta(days=LOOK_AHEAD_DAYS)) if ask else Exceptions([], [])


def _open_periods(day: date, exceptions: Exceptions) -> list[Period]:
    """The day's usual hours as instants, without what of them is closed, and its extra hours."""
    zone = clock.zone()
    usual = [on_the_wall(day, starts, ends, zone) for starts, ends in _usual(DAYS[day.weekday()])]
    return merge([*subtract(usual, exceptions.closed), *within(exceptions.extra, whole_day(day, zone))])


def in_words(periods: Sequence[tuple[datetime, datetime] | tuple[time, time]]) -> str:
    """`9:00 am to 12:00 pm, 1:00 pm to 5:00 pm`; `Closed` for none."""
    if not periods:
        return "Closed"
    return ", ".join(f"{clock.format_time(starts)} to {clock.format_time(ends)}" for starts, ends in periods)
