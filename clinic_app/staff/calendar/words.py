"""Hours and periods in words."""

from datetime import time, timedelta

from ... import clock
from ...booking.periods import Period
from ...checks import DAYS


def week(hours: dict[int, list[tuple[time, time]]]) -> list[tuple[str, str]]:
    """(`Mon`, `9:00 am to 12:00 pm, 1:00 pm to 5:00 pm`) for each day with hours."""
    return [
        (DAYS[day][:3].capitalize(), ", ".join(f"{_time(starts)} to {_time(ends)}" for starts, ends in periods))
        for day, periods in hours.items()
        if periods
    ]


def period(found: Period) -> str:
    """`Tue 24 Nov 2026`, `Tue 24 Nov 2026 to Fri 27 Nov 2026`, or with times where it is not of whole days."""
    start, end = clock.local(found.start), clock.local(found.end)
    if clock.instant_of(start.date()) == found.start and clock.instant_of(end.date()) == found.end:
        first, last = clock.format_day(start.date()), clock.format_day(end.date() - timedelta(days=1))
        return first if first == last else f"{first} to {last}"
    until = (
        _time(end.time()) if start.date() == end.date() else f"{clock.format_day(end.date())}, {_time(end.time())}"
    )
    return f"{clock.format_day(start.date())}, {_time(start.time())} to {until}"


def _time(at: time) -> str:
    return clock.format_time(at)
