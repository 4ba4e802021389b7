"""Weekly hours in words."""

from datetime import time

from ... import clock
from ...checks import DAYS


def week(hours: dict[int, list[tuple[time, time]]]) -> list[tuple[str, str]]:
    """(`Mon`, `9:00 am to 12:00 pm, 1:00 pm to 5:00 pm`) for each day with hours."""
    return [(DAYS[day][:3].capitalize(), _in_words(periods)) for day, periods in hours.items() if periods]


def _in_words(periods: list[tuple[time, time]]) -> str:
    return ", ".join(f"{clock.format_time(starts)} to {clock.format_time(ends)}" for starts, ends in periods)
