"""When the clinic is open: from its weekly hours, less closed times, and extra hours, in words.

Who knows of such times says so by `opening_exceptions`; this module asks and need not know them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import Flask, current_app

from . import clock
from .checks import DAYS

LOOK_AHEAD_DAYS = 31
Span = tuple[datetime, datetime]  # half-open, aware


@dataclass(frozen=True)
class Exceptions:
    """When weekly hours do not hold, and hours beside them: `extra` wins over `closed`; names of `holidays`."""

    closed: list[Span]
    extra: list[Span]
    holidays: dict[date, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Opening:
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


@dataclass(frozen=True)
class _Told:
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
    spans = _open_spans(today, exceptions)
    usual_week = [(day.title(), _in_words(_usual(day))) for day in DAYS]
    week = [(day, hours, False) for day, hours in usual_week]
    week[today.weekday()] = (DAYS[today.weekday()].title(), _in_words(spans), True)
    midnight = clock.instant_of(today + timedelta(days=1))
    holds_until = min(at for at in (midnight, *(end for span in spans for end in span)) if at > now)
    ends = next((end for start, end in spans if start <= now < end), None)
    return Opening(
        is_open=ends is not None,
        text=f"Open now, until {clock.format_time(ends)}" if ends else _closed_until(now, today, exceptions),
        week=week,
        usual_week=usual_week,
        unusual_days=_unusual_days(today, exceptions),
        holds_until=holds_until,
    )


def _closed_until(now: datetime, today: date, exceptions: Exceptions) -> str:
    for ahead in range(LOOK_AHEAD_DAYS):
        day = today + timedelta(days=ahead)
        for starts, _ in _open_spans(day, exceptions):
            if starts > now:
                when = "" if ahead == 0 else f"{clock.format_day(day, year=False)}, "
                return f"Closed, opens {when}{clock.format_time(starts)}"
    return "Closed"


def _unusual_days(today: date, exceptions: Exceptions) -> list[str]:
    """Only holidays are named: what staff write about a closure is for staff."""
    lines = []
    for day in (today + timedelta(days=ahead) for ahead in range(8)):
        spans, when = _open_spans(day, exceptions), clock.format_long_day(day)
        if spans == _open_spans(day, Exceptions([], [])):
            continue
        if spans:
            lines.append(f"Open on {when}: {_in_words(spans)}")
        else:
            name = exceptions.holidays.get(day)
            lines.append(f"Closed on {when}: {name}" if name else f"Closed on {when}")
    return lines


def _usual(day: str):
    return current_app.config["CLINIC"].hours[day]


def _exceptions(today: date) -> Exceptions:
    ask = current_app.extensions.get("opening_exceptions")
    return ask(today, today + timedelta(days=LOOK_AHEAD_DAYS)) if ask else Exceptions([], [])


def _open_spans(day: date, exceptions: Exceptions) -> list[Span]:
    """The day's usual hours as instants, without what of them is closed, and its extra hours."""
    midnights = clock.instant_of(day), clock.instant_of(day + timedelta(days=1))
    extra = [(max(start, midnights[0]), min(end, midnights[1])) for start, end in exceptions.extra]
    return _merged([*_usual_spans(day, exceptions.closed), *extra])


def _usual_spans(day: date, closed: list[Span]) -> list[Span]:
    spans = []
    for starts, ends in _usual(DAYS[day.weekday()]):
        last = day if starts < ends else day + timedelta(days=1)  # up to 24:00
        start, end = clock.instant_of(day, starts), clock.instant_of(last, ends)
        for closed_from, closed_until in sorted(closed):
            if closed_from < end and start < closed_until:
                spans.append((start, closed_from))
                start = closed_until
        spans.append((start, end))
    return spans


def _merged(spans: list[Span]) -> list[Span]:
    """In order, and those that overlap or touch made one."""
    merged: list[Span] = []
    for start, end in sorted((start, end) for start, end in spans if start < end):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _in_words(periods) -> str:
    if not periods:
        return "Closed"
    return ", ".join(f"{clock.format_time(starts)} to {clock.format_time(ends)}" for starts, ends in periods)
