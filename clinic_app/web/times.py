"""Days and times as addresses and forms carry them: by the clinic's clocks."""

import re
from datetime import date, datetime

from .. import clock

START = re.compile(r"(20\d\d-\d\d-\d\d)T(\d\d)(\d\d)(b?)", re.ASCII)


def start_text(instant: datetime) -> str:
    """`2026-11-24T0930` by the clinic's clocks; `b` behind it where they show that time for the second time."""
    return wall_text(clock.local(instant))


def wall_text(at: datetime) -> str:
    """The same of a datetime that is in the clinic's zone already."""
    return f"{at.date().isoformat()}T{at.hour:02}{at.minute:02}" + "b" * at.fold


def read_start(text: str) -> datetime | None:
    """The instant, in UTC, that such a text means; None for any other text."""
    match = START.fullmatch(text)
    try:
        day, hour, minute, second_time = match.groups()
        at = datetime.fromisoformat(f"{day}T{hour}:{minute}").replace(fold=len(second_time))
    except (AttributeError, ValueError):
        return None
    return clock.instant_of(at.date(), at.time())


def read_day(text: str | None) -> date | None:
    """The date of `2026-11-24`; None for any other text."""
    try:
        return date.fromisoformat(text or "") if re.fullmatch(r"20\d\d-\d\d-\d\d", text or "", re.ASCII) else None
    except ValueError:
        return None


def is_day(text: str) -> bool:
    """Whether it is such a text."""
    return read_day(text) is not None
