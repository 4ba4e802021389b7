"""Weekly hours in words."""

from datetime import time

from ...checks import DAYS
from ...opening import in_words


def week(hours: dict[int, list[tuple[time, time]]]) -> list[tuple[str, str]]:
    """(`Mon`, `9:00 am to 12:00 pm, 1:00 pm to 5:00 pm`) for each day with hours."""
    return [(DAYS[day][:3].capitalize(), in_words(periods)) for day, periods in hours.items() if periods]
