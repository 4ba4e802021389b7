"""Fields for days, times of day and hours, as staff type them: by the clinic's clocks."""

import re
from datetime import date, time

from ...checks import in_order
from ...web import values
from ...web.values import ValueField

TIME = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?", re.ASCII | re.IGNORECASE)
PERIOD = re.compile(r"(.+?)\s*(?:-|\u2013|\bto\b)\s*(.+)")


def read_time(text: str) -> time | None:
    """The time of `9:30`, `09.30`, `9` or `9:30 pm`; None for any other text. 24:00 is midnight."""
    match = TIME.fullmatch(text.strip())
    if not match:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    if (hour, minute) == (24, 0):
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


class DayField(values.DayField):
    """A day that the calendar's addresses can name (clinic_app.web.times)."""

    earliest, latest = date(2000, 1, 1), date(2099, 12, 31)


class TimeField(ValueField):
    """A time of day."""

    example = "as 9:30 or 14:15"

    def __call__(self, **kwargs):
        return super().__call__(**{"type": "time", **kwargs})

    def read(self, text: str) -> time:
        if (at := read_time(text)) is None:
            raise ValueError
        return at

    def write(self, value: time) -> str:
        return f"{value:%H:%M}"


class PeriodsField(ValueField):
    """A day's hours, such as `9:00-12:00, 13:00-17:00`: (start, end) in order, None where it was left empty.

    The last may end on the next day (22:00-02:00).
    """

    example = "in order, like 9:00-12:00, 13:00-17:00, or leave them empty"

    def read(self, text: str) -> list[tuple[time, time]]:
        found = []
        for part in text.split(","):
            match = PERIOD.fullmatch(part.strip())
            starts, ends = (read_time(word) for word in match.groups()) if match else (None, None)
            if starts is None or ends is None:
                raise ValueError
            found.append((starts, ends))
        if not in_order(found):
            raise ValueError
        return found

    def write(self, value: list[tuple[time, time]]) -> str:
        return ", ".join(f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in value)
