"""Fields for days, times of day and hours, as staff type them: by the clinic's clocks."""

import re
from datetime import date, time

from wtforms import StringField
from wtforms.validators import ValidationError
from wtforms.widgets import DateInput, TimeInput

from ...web.fields import clean_line
from ...web.times import read_day

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


class _LineOf(StringField):
    """A text that is read into a `value`; what was typed stays as it is."""

    message = ""

    def process_formdata(self, valuelist):
        self.data = clean_line(valuelist[0] if valuelist and isinstance(valuelist[0], str) else "")

    @property
    def value(self):
        return self.read(self.data) if self.data else None

    def pre_validate(self, form):
        if self.data and self.value is None:
            raise ValidationError(self.message)

    def read(self, text: str):
        raise NotImplementedError


class DayField(_LineOf):
    """A date; its `value` is None where it was left empty."""

    widget = DateInput()
    message = "Enter a date of this century, like 2026-11-24"

    def read(self, text) -> date | None:
        return read_day(text)


class TimeField(_LineOf):
    """A time of day; its `value` is None where it was left empty."""

    widget = TimeInput()
    message = "Enter a time, like 9:30 or 14:15"

    def read(self, text) -> time | None:
        return read_time(text)


class PeriodsField(_LineOf):
    """A day's hours, such as `9:00-12:00, 13:00-17:00`; its `value` are the periods, in order. Empty: none.

    The last may end on the next day (22:00-02:00).
    """

    @property
    def message(self) -> str:
        return f"{self.label.text}: enter hours like 9:00-12:00, 13:00-17:00, in order, or leave it empty"

    def read(self, text) -> list[tuple[time, time]] | None:
        found = []
        for part in text.split(","):
            match = PERIOD.fullmatch(part.strip())
            starts, ends = (read_time(word) for word in match.groups()) if match else (None, None)
            if starts is None or ends is None:
                return None
            if found and (found[-1][1] <= found[-1][0] or starts < found[-1][1]):
                return None
            found.append((starts, ends))
        return found


def periods_text(periods: list[tuple[time, time]]) -> str:
    """The text that such a field reads."""
    return ", ".join(f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in periods)
