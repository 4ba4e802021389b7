"""The practitioners who came and went, their appointments, and what was done to each."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from . import invented_words as invented
from .past import DAYS, Past, at

SLOTS = 20  # of half an hour each, from eight in the morning
HALF_AN_HOUR = timedelta(minutes=30)
PASTS = ("fulfilled",) * 16 + ("booked",) * 2 + ("cancelled",) * 3 + ("noshow",)
AHEAD_DAYS = 60
CHANGED_EVERY = 2
COLUMNS = (
    *("id", "uid", "sequence", "practitioner_id", "service_id", "status", "starts_at", "ends_at", "busy_until"),
    *("name", "email", "email_key", "phone", "is_new", "note", "notice_version", "token_hash", "made_by"),
    *("price_cents", "created_at", "first_booked_at", "told_at", "reminded_of", "cancelled_at", "cancelled_by"),
    "cancel_reason",
)
CHANGES = (
    *("appointment_id", "at", "what", "done_by", "member_name", "after", "mail_ids", "reminder_taken_back"),
    "undone_by",
)


def people_tables(past: Past) -> Iterator:
    """Those who left, with the services that they offered and their time off."""
    columns = (
        *("id", "slug", "name", "role", "bio", "bio_as_html", "photo", "photo_alt", "position", "left_on"),
        "feed_shows_names",
    )
    gone = [(number, first, last) for number, first, last in past.tenures if number not in past.here]
    yield "practitioners", columns, [_practitioner(number, last) for number, _, last in gone]
    yield "offerings", ("practitioner_id", "service_id"), [(number, 1) for number, _, _ in gone]
    away = ("practitioner_id", "kind", "starts_at", "ends_at", "reason")
    yield "hours_exceptions", away, _away(past)


def appointment_tables(past: Past) -> Iterator:
    yield "appointments", COLUMNS, _appointments(past)
    yield "appointment_changes", CHANGES, _changes(past)
    disposals = ("name", "first_at", "last_at", "disposed_at")
    yield "disposals", disposals, _disposals(past)


def _practitioner(number: int, left_on: date) -> tuple:
    slug = f"left-{number}"
    return number, slug, invented.name(number), "Chiropractor", "", "", "", "", number, left_on.isoformat(), False


def _away(past: Past) -> Iterator[tuple]:
    """Two weeks in the middle of each year, for each."""
    for practitioner, first, last in past.tenures:
        for year in range(first.year, last.year):
            day = date(year, 7, 1 + practitioner % 14)
            yield practitioner, "time_off", at(day, 0), at(day + timedelta(days=14), 0), "Away"


def _appointments(past: Past) -> Iterator[tuple]:
    random, number = past.random("appointments"), past.first("appointments")
    for practitioner, starts_at in _past_starts(past):
        yield _appointment(past, random, number, practitioner, starts_at, random.choice(PASTS))
        number += 1
    for practitioner, starts_at in _present_starts(past):
        status = "booked" if number % 20 or starts_at < past.now else "requested"
        yield _appointment(past, random, number, practitioner, starts_at, status)
        number += 1


def _past_starts(past: Past) -> Iterator[tuple[int, datetime]]:
    """As many as there shall be, evenly over all days that somebody worked, one day after the other."""
    days = [past.today - timedelta(days=n) for n in range(DAYS, 0, -1)]
    working = [
        (who, day)
        for day in days
        if day.weekday() < 5
        for who, first, last in past.tenures
        if first <= day <= last
    ]
    count, made = past.count["appointments"], 0
    for place, (who, day) in enumerate(working, 1):
        wanted = count * place // len(working) - made
        made += wanted
        morning = at(day, 8)
        yield from ((who, morning + HALF_AN_HOUR * slot) for slot in range(min(wanted, SLOTS)))


def _present_starts(past: Past) -> Iterator[tuple[int, datetime]]:
    """Half of each day, from last week to the horizon."""
    for n in range(-7, AHEAD_DAYS):
        day = past.today + timedelta(days=n)
        for who in past.here if day.weekday() < 5 else ():
            yield from ((who, at(day, 9) + HALF_AN_HOUR * slot) for slot in range(0, 16, 2))


def _appointment(
    past: Past, random: Random, number: int, practitioner: int, starts_at: datetime, status: str
) -> tuple:
    person = random.randrange(past.persons)
    made_at = starts_at - timedelta(days=1 + random.randrange(20), minutes=random.randrange(600))
    made_at, cancelled = min(made_at, past.now), status == "cancelled"
    ends_at, email = starts_at + HALF_AN_HOUR, invented.email(person)
    return (
        *(number, f"{number:032}", 0, practitioner, 2, status, starts_at, ends_at, ends_at),
        *(invented.name(person), email, email.lower(), invented.phone(person), not number % 9, "", ""),
        *(
            f"{random.getrandbits(256):064x}",
            "staff" if number % 3 else "patient",
            8500,
            made_at,
            made_at,
            made_at,
        ),
        *(starts_at if starts_at < past.now else None, made_at if cancelled else None),
        *("patient" if cancelled else None, ""),
    )


def _changes(past: Past) -> Iterator[tuple]:
    """The making of every second appointment of the past."""
    numbers = past.numbers("appointments", "appointments")
    after = {"status": "booked"}
    for number in numbers[::CHANGED_EVERY]:
        made_at = past.now - past.age(number - numbers.start, len(numbers))
        yield number, made_at, "booked", "staff", "Casey Invented", after, [], False, ""


def _disposals(past: Past) -> Iterator[tuple]:
    count = past.count["appointments"] // 100
    for number in range(count):
        disposed_at = past.now - past.age(number, count)
        before = disposed_at - timedelta(days=2557)
        yield invented.name(number), before - timedelta(days=99), before, disposed_at
