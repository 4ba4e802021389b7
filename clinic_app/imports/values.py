"""What stands in a row's values: yes or no, dates, HTML. What cannot be read raises BadRow."""

import re
import warnings
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from .. import clock
from .rows import BadRow, Row

if TYPE_CHECKING:
    from bs4 import BeautifulSoup  # imported where it is used: a tenth of a second

YEARS = range(1900, 3000)  # of dates; at the calendar's edges another zone's date cannot be told
DEEPEST_HTML = 100  # elements within each other; people write some ten, and readers of it recurse
_YES, _NO = {"true", "yes", "1"}, {"", "false", "no", "0"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
WEBFLOW_DATE = re.compile(
    r"(?:[A-Z][a-z]{2} )?(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2}) (?P<year>\d{4}) "
    r"(?P<time>\d{2}:\d{2}:\d{2}) (?:GMT|UTC)(?P<offset>[+-]\d{4})?(?: \(.*\))?"
)


def yes_or_no(row: Row, name: str) -> bool:
    """A cell that says yes or no, in Webflow's way or a spreadsheet's; empty is no. Raises BadRow."""
    value = row[name].strip().casefold()
    if value not in _YES | _NO:
        raise BadRow(f"{name} {value[:30]!r} should be true or false")
    return value in _YES


def parsed_html(html: str) -> "BeautifulSoup":
    """The HTML as a tree; raises BadRow when it is nested deeper than what reads it can follow."""
    from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, Tag

    warnings.filterwarnings("ignore", category=MarkupResemblesLocatorWarning)  # a body may be an address alone
    soup = BeautifulSoup(html, "html.parser")
    level: list[Tag] = [soup]
    for _ in range(DEEPEST_HTML):
        level = [child for parent in level for child in parent.children if isinstance(child, Tag)]
    if level:
        raise BadRow("its HTML is nested too deeply")
    return soup


def webflow_date(text: str, *, called: str) -> datetime | None:
    """The instant, in UTC, in Webflow's way: `Mon Mar 02 2026 09:30:15 GMT+0000 (Coordinated Universal Time)`.

    ISO 8601 with a zone is taken too, and an ISO date, at midnight of the clinic's zone; empty text gives None.
    Raises BadRow for anything else, naming `called`.
    """
    if not (text := text.strip()):
        return None
    try:
        match = WEBFLOW_DATE.fullmatch(text)
        return in_reach(_from_match(match) if match else _from_iso(text))
    except (ValueError, OverflowError):
        raise BadRow(
            f"{called} {text[:60]!r} is not a date such as 2026-03-02, or Mon Mar 02 2026 09:30:15 GMT+0000"
        ) from None


def in_reach(instant: datetime) -> datetime:
    """The instant in UTC. Raises ValueError or OverflowError when its year there is not of `YEARS`."""
    instant = instant.astimezone(UTC)
    if instant.year not in YEARS:
        raise ValueError(f"not of the years {YEARS[0]} to {YEARS[-1]}")
    return instant


def _from_match(match: re.Match) -> datetime:
    hour, minute, second = (int(part) for part in match["time"].split(":"))
    offset = match["offset"] or "+0000"
    sign = -1 if offset[0] == "-" else 1
    zone = timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:])))
    month = MONTHS.index(match["month"].lower()) + 1
    return datetime(int(match["year"]), month, int(match["day"]), hour, minute, second, tzinfo=zone)


def _from_iso(text: str) -> datetime:
    if ISO_DAY.fullmatch(text):
        return clock.instant_of(date.fromisoformat(text))
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("which zone?")
    return instant
