"""Enquiries, what staff did with them, mails, and the audit trail."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache, partial
from random import Random

from clinic_app.enquiries import references
from clinic_app.enquiries.words import index_words

from . import invented_words as invented
from .past import Past

NEW, OPEN, SPAM_EVERY = 60, 300, 20
FAILED, GIVEN_UP, QUEUED, GIVEN_UP_EVERY = 20, 30, 40, 5_000
ENTRY_EVERY = 2
DESK = "reception@clinic.example"
ENQUIRIES = (
    *("id", "reference", "form_key", "name", "email", "email_key", "phone", "topic", "message", "privacy_version"),
    *("state", "spam_score", "spam_reasons", "message_digest", "received_at", "first_answered_at", "closed_at"),
)
ENTRIES = ("enquiry_id", "kind", "text", "author_name", "created_at")
MAILS = (
    *("id", "event", "name", "about_kind", "about_id", "to_name", "to_address", "reply_to_name"),
    *("reply_to_address", "message_id", "subject", "text_body", "html_body", "state", "created_at", "due_at"),
    *("next_attempt_at", "first_attempted_at", "last_attempted_at", "sent_at", "given_up_at", "attempts"),
    "last_error",
)
KINDS = (
    ("enquiry", "enquiry_for_staff", "A new enquiry"),
    ("enquiry", "enquiry_received", "We have your enquiry"),
    ("appointment", "appointment_booked", "Your appointment"),
    ("appointment", "appointment_reminder", "Your appointment is tomorrow"),
)
DONE = (
    ("answered", "enquiry"),
    ("closed", "enquiry"),
    ("opened", "appointment"),
    ("moved", "appointment"),
    ("cancelled", "appointment"),
    ("signed in", ""),
)


def message_tables(past: Past) -> Iterator:
    yield "enquiries", ENQUIRIES, _enquiries(past)
    yield "enquiry_words", ("enquiry_id", "words"), _words(past)
    yield "enquiry_entries", ENTRIES, _entries(past)
    yield "mail_outbox", MAILS, _mails(past)
    yield "audit_entries", ("at", "by", "action", "kind", "about_id", "details"), _audit(past)


def _enquiries(past: Past) -> Iterator[tuple]:
    """Those of the past are closed or spam; a few hundred of the present are not."""
    random, numbers = past.random("enquiries"), past.numbers("enquiries", "enquiries")
    for number in numbers:
        received_at = past.now - past.age(number - numbers.start, len(numbers))
        yield _enquiry(past, random, number, received_at, "closed" if number % SPAM_EVERY else "spam")
    for place in range(OPEN + NEW):
        received_at = past.now - timedelta(days=7) * (OPEN + NEW - place) / (OPEN + NEW)
        yield _enquiry(past, random, numbers.stop + place, received_at, "open" if place < OPEN else "new")


def _enquiry(past: Past, random: Random, number: int, received_at: datetime, state: str) -> tuple:
    person, waited = random.randrange(past.persons), timedelta(minutes=random.randrange(5, 3000))
    email, answered = invented.email(person), state in ("closed", "open")
    return (
        *(
            number,
            references.checked(f"{number:08}"),
            f"{number:064}",
            invented.name(person),
            email,
            email.lower(),
        ),
        *(invented.phone(person), invented.TOPICS[number % 4], invented.words(random, 30), ""),
        *(state, 9 if state == "spam" else 0, [], f"{number:064x}", received_at),
        received_at + waited if answered else None,
        received_at + 2 * waited if state == "closed" else None,
    )


def _words(past: Past) -> Iterator[tuple]:
    """As the site makes them, which takes long: a person's once for each, and invented words are words already."""
    of_person = cache(partial(index_words, reference="", message=""))
    for row in _enquiries(past):
        enquiry = dict(zip(ENQUIRIES, row, strict=True))
        own = of_person(**{name: enquiry[name] for name in ("name", "email", "phone")})
        found = f"{own} {enquiry['reference']} {enquiry['message']}".split(" ")
        yield enquiry["id"], " ".join(dict.fromkeys(found))


def _entries(past: Past) -> Iterator[tuple]:
    numbers = past.numbers("enquiries", "enquiries")
    for number in numbers[::ENTRY_EVERY]:
        at = past.now - past.age(number - numbers.start, len(numbers))
        yield number, "closed" if number % 3 else "note", "Rang back.", "Casey Invented", at


def _mails(past: Past) -> Iterator[tuple]:
    random, numbers = past.random("mails"), past.numbers("mail_outbox", "mails")
    for number in numbers:
        created_at = past.now - past.age(number - numbers.start, len(numbers))
        state = "sent" if (number - numbers.start) % GIVEN_UP_EVERY else "given up"
        yield _mail(past, random, number, created_at, state)
    states = ["given up"] * GIVEN_UP + ["failed"] * FAILED + ["queued"] * QUEUED
    for place, state in enumerate(states):
        yield _mail(past, random, numbers.stop + place, past.now - timedelta(hours=len(states) - place), state)


def _mail(past: Past, random: Random, number: int, created_at: datetime, state: str) -> tuple:
    about, name, subject = KINDS[number % 4]
    person, about_id = random.randrange(past.persons), _about(past, about, number)
    address = DESK if name == "enquiry_for_staff" else invented.email(person).lower()
    tried = None if state == "queued" else created_at + timedelta(seconds=2)
    body = f"Hello {invented.name(person)},\n\nthis mail is invented. {invented.words(random, 15)}.\n"
    return (
        *(number, f"{about}:{about_id}:{number}", name, about, about_id, invented.name(person), address, "", ""),
        *(f"<{number}.outbox@clinic.example>", subject, body, f"<p>{body}</p>"),
        *(state if state != "given up" else "failed", created_at, created_at, created_at, tried, tried),
        *(tried if state == "sent" else None, tried if state == "given up" else None, int(bool(tried))),
        "550 5.1.1 no such mailbox" if state in ("failed", "given up") else "",
    )


def _about(past: Past, kind: str, number: int) -> int:
    """The mails of the past are about the things of the past, four to each two."""
    first, count = (
        (past.first("enquiries"), past.count["enquiries"])
        if kind == "enquiry"
        else (past.first("appointments"), past.count["appointments"])
    )
    return first + (number // 4) % count


def _audit(past: Past) -> Iterator[tuple]:
    numbers = past.numbers("audit_entries", "audit_entries")
    for number in numbers:
        action, kind = DONE[number % len(DONE)]
        about_id = _about(past, kind, 4 * number) if kind else None
        yield (
            past.now - past.age(number - numbers.start, len(numbers)),
            "Casey Invented",
            action,
            kind,
            about_id,
            {},
        )
