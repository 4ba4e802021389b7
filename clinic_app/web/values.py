"""Fields whose text stands for a value, their `data`: a day, a whole number, a price.

What was typed stays where it stands for none. Each is given the noun that its messages are built from; `optional`
says that it may be left empty, which is None.
"""

from datetime import date

from flask import current_app
from wtforms import StringField
from wtforms.validators import StopValidation

from .. import checks
from .fields import clean_line


class ValueField(StringField):
    """The base: `read` makes the value of a text or raises ValueError, `write` makes the text of a value."""

    example = ""

    def __init__(self, label: str, validators=None, *, noun: str, optional: bool = False, **kwargs):
        super().__init__(label, validators, **kwargs)
        self.noun = noun
        self.optional = optional
        self.typed: str | None = None
        if not optional:
            self.flags.required = True

    def process_formdata(self, valuelist):
        if not valuelist or not isinstance(valuelist[0], str):
            self.data = None
            return
        self.typed, self.data = clean_line(valuelist[0]), None
        if self.typed:
            try:
                self.data = self.read(self.typed)
            except ValueError:
                raise ValueError(f"Enter {self.noun} {self.example}") from None

    def put(self, value) -> None:
        """Let the value stand in place of what was typed."""
        self.typed, self.data = None, value

    def pre_validate(self, form):
        if self.process_errors:
            raise StopValidation
        if self.data is None and not self.optional:
            raise StopValidation(f"Enter {self.noun}")

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else self.write(self.data)

    def read(self, text: str):
        raise NotImplementedError

    def write(self, value) -> str:
        return str(value)


class DayField(ValueField):
    """A date, which browsers help with; its text is ISO 8601."""

    earliest, latest = date(1900, 1, 1), date(2200, 1, 1)
    example = "as a date, like 2026-11-24"

    def __call__(self, **kwargs):
        bounds = {"min": self.earliest.isoformat(), "max": self.latest.isoformat()}
        return super().__call__(**{"type": "date", **bounds, **kwargs})

    def read(self, text: str) -> date:
        day = date.fromisoformat(text)
        if not self.earliest <= day <= self.latest:
            raise ValueError
        return day


class WholeNumberField(ValueField):
    """A whole number from `low` to `high`."""

    def __init__(self, label: str, validators=None, *, low: int, high: int, **kwargs):
        super().__init__(label, validators, **kwargs)
        self.low, self.high = low, high
        self.example = f"as a whole number from {low:,} to {high:,}"

    def __call__(self, **kwargs):
        return super().__call__(**{"inputmode": "numeric", "autocomplete": "off", **kwargs})

    def read(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and self.low <= int(text) <= self.high):
            raise ValueError
        return int(text)


class PriceField(ValueField):
    """A price in the clinic's currency; the value is in hundredths of it."""

    example = "as a number, like 95.00"

    def __call__(self, **kwargs):
        return super().__call__(**{"inputmode": "decimal", "autocomplete": "off", **kwargs})

    def read(self, text: str) -> int:
        return checks.cents(text, current_app.config["CLINIC"].currency)

    def write(self, value: int) -> str:
        return f"{value // 100}.{value % 100:02d}"
