"""When the clinic is open: from its weekly hours, in words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from . import clock
from .checks import DAYS

LOOK_AHEAD_DAYS = 8


@dataclass(frozen=True)
class Opening:
    """Whether the clinic is open now, a sentence that says so, and the week: (day, hours in words, is today)."""

    is_open: bool
    text: str
    week: list[tuple[str, str, bool]]


def opening(now: datetime | None = None) -> Opening:
    """The clinic's opening at an instant (default: now)."""
    hours = current_app.config["CLINIC"].hours
    local = clock.local(now or clock.now())
    week = [(day.title(), _in_words(hours[day]), index == local.weekday()) for index, day in enumerate(DAYS)]
    for starts, ends in hours[DAYS[local.weekday()]]:
        if starts <= local.time() < ends:
            return Opening(True, f"Open now, until {clock.format_time(ends)}", week)
    return Opening(False, _closed_until(local, hours), week)


def _closed_until(local: datetime, hours) -> str:
    for ahead in range(LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=ahead)
        for starts, _ in hours[DAYS[day.weekday()]]:
            if ahead or starts > local.time():
                when = "" if ahead == 0 else f"{clock.format_day(day, year=False)}, "
                return f"Closed, opens {when}{clock.format_time(starts)}"
    return "Closed"


def _in_words(periods) -> str:
    if not periods:
        return "Closed"
    return ", ".join(f"{clock.format_time(starts)} to {clock.format_time(ends)}" for starts, ends in periods)
