"""Checks of settings' values: each takes the raw value and gives the one to use.

Each raises ValueError whose text completes the sentence "it should be ...". Libraries that are slow to load are
loaded by the checks that need them: most settings are never given.
"""

import difflib
import re
from collections.abc import Sequence
from datetime import time
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from .paths import SECRET_PATHS, SHARED_PATHS, STAFF

LONGEST_LIMIT_SECONDS = 366 * 24 * 3600
LONGEST_TOPIC = 100  # characters
MOST_CENTS = 2_000_000_000  # what a column of whole numbers holds; many currencies count in thousands
MOST_OF_CURRENCY = 5  # characters
OWN_PATHS = {"blog", "book", "contact", "privacy", "static", "testimonials"} | {
    path.split("/")[1] for path in (STAFF, *SECRET_PATHS, *SHARED_PATHS)
}
MISTAKEN_ZONE = re.compile("EST|MST|(Etc/)?(GMT|Greenwich).*")  # Etc/GMT+10 is ten hours behind UTC
PERIOD = re.compile(r"(\d\d?:\d\d)\s*[-\u2013]\s*(\d\d?:\d\d)")
PERIODS = 'periods of a day in order, such as ["08:00-12:00", "13:00-18:00"]'
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class SettingsError(Exception):
    """A setting is unknown or wrong; the text says which, what it was and what it should be."""


def did_you_mean(word: str, known) -> str:
    """` (did you mean x?)`, or nothing when no known word is near."""
    near = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def is_utf8(text: str) -> bool:
    """Whether a text can be written at all: Python hands bytes that are no UTF-8 on as halves of pairs."""
    return not any("\ud800" <= c <= "\udfff" for c in text)


def text(value) -> str:
    if not isinstance(value, str) or not is_utf8(value) or any(ord(c) < 32 for c in value):
        raise ValueError("text on one line, in quotes")
    return value.strip()


def required_text(value) -> str:
    if not (checked := text(value)):
        raise ValueError("text, not empty")
    return checked


def texts(value) -> tuple[str, ...]:
    should_be = f'a list of texts of up to {LONGEST_TOPIC} characters, such as ["one", "two"]'
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(should_be)
    checked = tuple(required_text(item) for item in value)
    if any(len(item) > LONGEST_TOPIC for item in checked):
        raise ValueError(should_be)
    return checked


def path_words(value) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(
        isinstance(item, str) and re.fullmatch(r"[a-z0-9-]+", item) and item not in OWN_PATHS for item in value
    ):
        raise ValueError('a list of words of an address that this site does not use, such as ["post", "news"]')
    return tuple(value)


def email(value) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        # An address under .example or .local is fine for trying things out; whether a host
        # answers is for the mail worker to find out.
        return validate_email(value, check_deliverability=False, test_environment=True).normalized
    except (EmailNotValidError, TypeError, AttributeError):
        if isinstance(value, str) and re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)*\.example", value):
            return value
        raise ValueError("an email address, such as reception@example.org") from None


def sender_email(value) -> str:
    """An address that mails can come from: few mail servers carry one with other letters before the @."""
    checked = email(value)
    if not checked.rpartition("@")[0].isascii():
        raise ValueError("an email address with plain letters before the @, such as reception@example.org")
    return checked


def optional_sender_email(value) -> str:
    return sender_email(value) if value else ""


def emails(value) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError('a list of email addresses, such as ["reception@example.org"]')
    return tuple(dict.fromkeys(email(item) for item in value))


def country(value) -> str:
    import phonenumbers

    if not isinstance(value, str) or value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError('a country\'s two letters (ISO 3166-1), such as "AU" or "GB"')
    return value


def timezone(value) -> str:
    """Not "EST" or "GMT": in these zones there is never a summer time, which New York and London have."""
    try:
        if MISTAKEN_ZONE.fullmatch(ZoneInfo(value).key):
            raise ValueError
    except Exception:
        raise ValueError('a time zone\'s name by a place, such as "Australia/Sydney"') from None
    return value


def optional_url(value) -> str:
    return _url(value) if value else ""


def base_url(value) -> str:
    """An address that paths are put behind, without its last slash: the site has its host to itself."""
    if any(mark in _url(value) for mark in "?#") or urlsplit(value).path.strip("/"):
        raise ValueError("an address that starts with https:// or http://, without a path, ? and #")
    return value.rstrip("/")


def _url(value) -> str:
    should_be = "an address that starts with https:// or http://"
    if not isinstance(value, str) or re.search(r"[\s\"'<>\\\x00-\x1f]", value):
        raise ValueError(should_be)
    parts = urlsplit(value)
    try:
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.username and parts.port != 0
    except ValueError:  # the port
        usable = False
    if not usable:
        raise ValueError(should_be)
    return value


def optional_file(value) -> str:
    if text(value) and not Path(value).is_file():
        raise ValueError("the path of a file that is there")
    return text(value)


def optional_path(value) -> str:
    """A path that need not be there: a disk that is not mounted stops no site."""
    if text(value) and not Path(value).is_absolute():
        raise ValueError('empty, or a whole path, such as "/srv/backups"')
    return text(value)


def one_of(*allowed: str):
    """A check for one of a few words."""

    def check(value) -> str:
        if value not in allowed:
            raise ValueError(" or ".join(f'"{word}"' for word in allowed))
        return value

    return check


def whole_number(low: int, high: int):
    """A check for a whole number from `low` to `high`."""

    def check(value) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return check


def zero_or_whole_number(low: int, high: int):
    """A check for a whole number from `low` to `high`, or 0, which turns off what it is about."""

    def check(value) -> int:
        if value == 0 and value is not False:
            return 0
        try:
            return whole_number(low, high)(value)
        except ValueError as should_be:
            raise ValueError(f"0 or {should_be}") from None

    return check


def currency(value) -> str:
    """What stands before a price: a sign or letters."""
    if not 1 <= len(checked := text(value)) <= MOST_OF_CURRENCY or re.search(r"[\d\s.,+-]", checked):
        raise ValueError('what stands before a price, such as "$", "£" or "CHF"')
    return checked


def cents(value: str, currency: str) -> int:
    """A price, such as `95`, `95.50` or `$95`, in hundredths of the currency; up to twenty million."""
    try:
        amount = Decimal(value.strip().removeprefix(currency).strip()) * 100
        if amount != int(amount) or not 0 <= amount <= MOST_CENTS:
            raise ValueError
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError('an amount, such as "95.00"') from None
    return int(amount)


def rate_limit(value) -> str:
    from limits import parse_many

    try:
        limits = parse_many(value)
        if not all(limit.amount > 0 and limit.get_expiry() <= LONGEST_LIMIT_SECONDS for limit in limits):
            raise ValueError
    except (ValueError, TypeError):
        raise ValueError('a limit of up to a year, such as "5 per 10 minutes; 20 per day"') from None
    return value


def hours(value) -> dict[str, tuple[tuple[time, time], ...]]:
    """Weekly hours: days' names to periods, wall-clock time in the clinic's zone; days left out are closed."""
    if not isinstance(value, dict) or set(value) - set(DAYS):
        raise ValueError('a table of days, such as { monday = ["08:00-12:00", "13:00-18:00"] }')
    return {day: _hours_of(day, value.get(day, [])) for day in DAYS}


def _hours_of(day: str, value) -> tuple[tuple[time, time], ...]:
    try:
        periods = day_hours(value)
        if any(time.min < end <= start for start, end in periods):
            raise ValueError(f"{PERIODS}, up to 24:00")
    except ValueError as should_be:
        raise ValueError(f"{should_be}, and {day} is {value!r}") from None
    return periods


def day_hours(value) -> tuple[tuple[time, time], ...]:
    """One day's periods, in order, from texts such as `08:00-12:00`.

    What ends at or before its start (22:00-02:00, 18:00-24:00) ends on the next day.
    """
    items = value if isinstance(value, list | tuple) else [value]
    try:
        periods = tuple(tuple(map(_time, PERIOD.fullmatch(str(item).strip()).groups())) for item in items)
        if not in_order(periods):
            raise ValueError
    except (AttributeError, ValueError):
        raise ValueError(PERIODS) from None
    return periods


def in_order(periods: Sequence[tuple[time, time]]) -> bool:
    """Whether a day's periods follow each other and do not overlap: only the last may end on the next day."""
    return all(start < end <= following for (start, end), (following, _) in pairwise(periods))


def _time(text: str) -> time:
    return time.fromisoformat(text.zfill(5).replace("24:00", "00:00"))
