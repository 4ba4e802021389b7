"""The time now, the clinic's zone, and the one way in which the site writes days and times.

Web pages, mails and calendar files all call these, so that they tell the same time.
Instants are aware datetimes in UTC; what people read is wall-clock time in the clinic's zone.
"""

import re
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import current_app

_zone = lru_cache(ZoneInfo)
# The blanks in `9:30 am` and `Tue 24 Nov`. They begin the pattern, since a search for one character is quick.
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_WITHIN = re.compile(rf" (?:(?=[ap]m\b|{_MONTHS})(?<=\d )|(?=\d)(?<=Mon |Tue |Wed |Thu |Fri |Sat |Sun ))")


def now() -> datetime:
    """The present instant, in UTC.

    Whoever answers a question or makes a change asks for it once. A function takes a `now` only where some caller
    hands its own on, so that one answer is of one instant; tests set the clock.
    """
    return datetime.now(UTC)


def zone() -> ZoneInfo:
    """The clinic's time zone (setting `timezone`)."""
    return _zone(current_app.config["CLINIC"].timezone)


def local(instant: datetime) -> datetime:
    """The instant as wall-clock time in the clinic's zone."""
    return instant.astimezone(zone())


def today() -> date:
    """Today's date in the clinic's zone."""
    return local(now()).date()


def instant_of(day: date, at: time = time.min, in_zone: ZoneInfo | None = None) -> datetime:
    """The first instant, in UTC, of the day at which clocks (of the clinic, unless told) show `at` or later.

    A time that comes twice means the first, with `fold=1` the second (PEP 495); one that a clock change skips
    means the change itself.
    """
    there = in_zone or zone()
    wall = datetime.combine(day, at, tzinfo=there)
    instant = wall.astimezone(UTC)
    if instant.astimezone(there).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return change_between(wall.replace(fold=1).astimezone(UTC), wall.replace(fold=0).astimezone(UTC), there)


def change_between(early: datetime, late: datetime, there: ZoneInfo) -> datetime:
    """The clock change between them (one at most): the whole second at which the offset of `late` begins."""
    after = late.astimezone(there).utcoffset()
    seconds = range(int((late - early).total_seconds()) + 1)

    def has_changed(second: int) -> bool:
        return (early + timedelta(seconds=second)).astimezone(there).utcoffset() == after

    return early + timedelta(seconds=bisect_left(seconds, True, key=has_changed))


def zone_name(instant: datetime) -> str:
    """`AEDT`: what the clinic's zone is called at that instant; `UTC+10:30` where its names are no letters."""
    at = local(instant)
    name = at.tzname()
    return name if name.isalpha() else f"UTC{at.isoformat()[-6:]}"


def format_time(at: time | datetime) -> str:
    """`9:30 am`; a datetime is first brought into the clinic's zone, and has it behind it (`2:30 am AEST`) where
    clocks show that time twice on the day."""
    if isinstance(at, datetime):
        at = local(at)
        if _comes_twice(at):
            return f"{format_time(at.time())} {zone_name(at)}"
    return f"{at.hour % 12 or 12}:{at.minute:02d} {'am' if at.hour < 12 else 'pm'}"


def _comes_twice(at: datetime) -> bool:
    return at.utcoffset() != at.replace(fold=1 - at.fold).utcoffset()


def format_day(day: date | datetime, *, year: bool = True) -> str:
    """`Tue 24 Nov 2026`; a datetime is first brought into the clinic's zone."""
    if isinstance(day, datetime):
        day = local(day).date()
    return _day_in_words(day) + (f" {day.year}" if year else "")


@lru_cache(maxsize=1024)  # a calendar writes each of its days many times
def _day_in_words(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def format_long_day(day: date) -> str:
    """`Tuesday 24 November`."""
    return f"{day:%A} {day.day} {day:%B}"


def format_when(instant: datetime) -> str:
    """`Tue 24 Nov, 9:30 am` in the clinic's zone."""
    return f"{format_day(instant, year=False)}, {format_time(instant)}"


def format_in_full(instant: datetime) -> str:
    """`Tuesday 24 November 2026, 9:30 am AEDT`: with the zone, for what must not be misread."""
    at = local(instant)
    return f"{format_long_day(at.date())} {at.year}, {format_time(at.time())} {zone_name(at)}"


def format_iso(instant: datetime) -> str:
    """`2026-11-24T09:30:00+11:00` (RFC 3339, ISO 8601), in the clinic's zone: for machines."""
    return local(instant).isoformat(timespec="seconds")


def format_period(start: datetime, end: datetime) -> str:
    """`Tue 24 Nov 2026`, `Tue 24 Nov 2026 to Fri 27 Nov 2026`, or with times where it is not of whole days."""
    first, last = local(start).date(), local(end).date()
    if ends_with_a_day := instant_of(last) == end:
        last -= timedelta(days=1)
    if ends_with_a_day and instant_of(first) == start:
        return format_day(first) if first == last else f"{format_day(first)} to {format_day(last)}"
    if ends_with_a_day:
        told = f"the end of {'the day' if first == last else format_day(last)}"
    else:
        told = format_time(end) if first == last else f"{format_day(last)}, {format_time(end)}"
    return f"{format_day(first)}, {format_time(start)} to {told}"


def unbroken(text: str) -> str:
    """The text with no-break spaces within its times and days, for HTML: narrow screens keep `9:30 am` and
    `Tue 24 Nov` on one line each. What is stored, searched or sent as plain text has blanks."""
    return _WITHIN.sub("\N{NO-BREAK SPACE}", text)
