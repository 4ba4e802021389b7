"""What enquiries hold of a person: found, given out, erased. Everything here flushes and nothing commits."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import delete, or_, select

from .. import chunks, clock
from ..extensions import db
from ..records import NOBODY, NOWHERE, as_record, different, in_groups, is_nowhere, latest
from . import references, search
from .models import Enquiry, EnquiryEntry

# What tells one form from the next: no part of what is known of a person.
NOT_GIVEN_OUT = {"form_key", "message_digest", "email_key"}
WRITTEN = ("note", "call", "reply")  # the texts of other entries name staff
_QUIETLY = {"synchronize_session": False}


def find(*, emails: Collection[str], phones: Collection[str], until: datetime | None = None) -> set[int]:
    """The ids of the enquiries under any of these: addresses in lower case, phone numbers as E.164.

    `until` leaves out those that came later.
    """
    query = select(Enquiry.id).where(or_(Enquiry.email_key.in_(emails), Enquiry.phone.in_(phones)))
    return set(db.session.scalars(query.where(Enquiry.received_at <= until) if until else query))


def all_contacts() -> Iterator[str]:
    """Every address (in lower case) and number that any enquiry is under, each at least once."""
    for row in chunks.rows(select(Enquiry.id, Enquiry.email_key, Enquiry.phone), by=(Enquiry.id,)):
        yield from (contact for contact in row[1:] if contact)


def all_made() -> Iterator[tuple[int, datetime]]:
    """(id, when it came) of each that is somebody's."""
    query = select(Enquiry.id, Enquiry.received_at, Enquiry.email_key)
    for number, received_at, email_key in chunks.rows(query, by=(Enquiry.id,)):
        if not is_nowhere(email_key):
            yield number, received_at


def made(ids: Collection[int]) -> set[tuple[int, datetime]]:
    """(id, when it came) of each of these."""
    return different(ids, Enquiry.id, Enquiry.received_at)


def contacts(ids: Collection[int]) -> set[tuple[str, str]]:
    """(email address as written, phone number) of each of these, "" where there is none."""
    return different(ids, Enquiry.email, Enquiry.phone)


def names(ids: Collection[int]) -> set[str]:
    """Under which names."""
    return {name for (name,) in different(ids, Enquiry.name)}


def notice_versions(ids: Collection[int]) -> set[str]:
    """Which privacy notices stood beside the forms."""
    return {version for (version,) in different(ids, Enquiry.privacy_version)}


def newest(ids: Collection[int], *, count: int) -> list[Enquiry]:
    """The last of them to come, latest first."""
    return latest(ids, by=Enquiry.received_at, count=count)


def records(ids: Collection[int]) -> Iterator[dict]:
    """All that is known of each, with its thread, oldest first; a few at a time."""
    for group in in_groups(ids):
        threads = _threads(group)
        query = select(*Enquiry.__table__.columns).where(Enquiry.id.in_(group)).order_by(Enquiry.id)
        for row in db.session.execute(query).all():
            yield as_record(row, without=NOT_GIVEN_OUT) | {"thread": threads.get(row.id, [])}


def anonymise(ids: Collection[int]) -> int:
    """Leave when they came, what about and what became of them, nothing of whose they were; gives their number.

    They are closed, since nobody can be answered any more. Their references lead nowhere.
    """
    for group in in_groups(ids):
        enquiries = db.session.scalars(select(Enquiry).where(Enquiry.id.in_(group))).all()
        for enquiry, reference in zip(enquiries, _free_references(len(enquiries)), strict=True):
            _empty(enquiry, reference)
        for entry in db.session.scalars(select(EnquiryEntry).where(EnquiryEntry.enquiry_id.in_(group))):
            entry.form_key = None
            if entry.kind in WRITTEN:
                entry.text = ""
        db.session.flush()
    search.forget_deleted()
    return len(ids)


def erase(ids: Collection[int]) -> int:
    """Delete them with their threads, and their words for good; gives their number."""
    count = delete_rows(ids)
    search.forget_deleted()
    return count


def delete_rows(ids: Collection[int]) -> int:
    """Delete them with their threads; gives their number. Their words are gone after `search.forget_deleted`."""
    return sum(
        db.session.execute(delete(Enquiry).where(Enquiry.id.in_(group)), execution_options=_QUIETLY).rowcount
        for group in in_groups(ids)
    )


def _threads(ids: list[int]) -> dict[int, list[dict]]:
    query = select(*EnquiryEntry.__table__.columns).where(EnquiryEntry.enquiry_id.in_(ids))
    threads = {}
    for row in db.session.execute(query.order_by(EnquiryEntry.id)).all():
        threads.setdefault(row.enquiry_id, []).append(as_record(row, without={"enquiry_id", "form_key"}))
    return threads


def _free_references(count: int) -> set[str]:
    """So many that no enquiry has: with a million of them, one draw in a hundred is taken."""
    free: set[str] = set()
    while len(free) < count:
        drawn = {references.new() for _ in range(count - len(free))}
        free |= drawn - set(db.session.scalars(select(Enquiry.reference).where(Enquiry.reference.in_(drawn))))
    return free


def _empty(enquiry: Enquiry, reference: str) -> None:
    enquiry.reference = reference
    enquiry.form_key = enquiry.message_digest = f"anonymous:{enquiry.id}"
    enquiry.name = NOBODY
    enquiry.email = f"enquiry-{enquiry.id}@{NOWHERE}"  # the schema wants a way to reach each
    enquiry.phone = enquiry.message = ""
    enquiry.spam_reasons = []
    if enquiry.state != "spam":
        enquiry.state, enquiry.closed_at = "closed", enquiry.closed_at or clock.now()
