"""When the clinic is open: from its weekly hours, less the times when it is closed, in words.

Who knows of closed times says so by `closed_times`; this module asks and need not know them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Flask, current_app

from . import clock
from .checks import DAYS

LOOK_AHEAD_DAYS = 31
Span = tuple[datetime, datetime]  # half-open, aware


@dataclass(frozen=True)
class Opening:
    """Whether the clinic is open now, a sentence that says so, and the week: (day, hours in words, is today)."""

    is_open: bool
    text: str
    week: list[tuple[str, str, bool]]


def closed_times(app: Flask, ask: Callable[[date, date], Iterable[Span]]) -> None:
    """Make the app ask `ask(first, last)` when the clinic is closed, whatever its weekly hours say."""
    app.extensions["closed_times"] = ask


def opening(now: datetime | None = None) -> Opening:
    """The clinic's opening at an instant (default: now). The week is the usual one, but today is as it is."""
    now = now or clock.now()
    today = clock.local(now).date()
    closed = _closed(today, today + timedelta(days=LOOK_AHEAD_DAYS))
    spans = _open_spans(today, closed)
    week = [(day.title(), _in_words(_usual(day)), False) for day in DAYS]
    week[today.weekday()] = (DAYS[today.weekday()].title(), _in_words(spans), True)
    for starts, ends in spans:
        if starts <= now < ends:
            return Opening(True, f"Open now, until {clock.format_time(ends)}", week)
    return Opening(False, _closed_until(now, today, closed), week)


def _closed_until(now: datetime, today: date, closed: list[Span]) -> str:
    for ahead in range(LOOK_AHEAD_DAYS):
        day = today + timedelta(days=ahead)
        for starts, _ in _open_spans(day, closed):
            if starts > now:
                when = "" if ahead == 0 else f"{clock.format_day(day, year=False)}, "
                return f"Closed, opens {when}{clock.format_time(starts)}"
    return "Closed"


def _usual(day: str):
    return current_app.config["CLINIC"].hours[day]


def _closed(first: date, last: date) -> list[Span]:
    ask = current_app.extensions.get("closed_times")
    return sorted(ask(first, last)) if ask else []


def _open_spans(day: date, closed: list[Span]) -> list[Span]:
    """The day's usual hours as instants, without what of them is closed."""
    spans = []
    for starts, ends in _usual(DAYS[day.weekday()]):
        start, end = clock.instant_of(day, starts), clock.instant_of(day, ends)
        for closed_from, closed_until in closed:
            if closed_from < end and start < closed_until:
                spans.append((start, closed_from))
                start = closed_until
        spans.append((start, end))
    return [(start, end) for start, end in spans if start < end]


def _in_words(periods) -> str:
    if not periods:
        return "Closed"
    return ", ".join(f"{clock.format_time(starts)} to {clock.format_time(ends)}" for starts, ends in periods)
