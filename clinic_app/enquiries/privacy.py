"""What enquiries hold of a person: found, given out, erased. Everything here flushes and nothing commits."""

from collections.abc import Collection, Iterator

from sqlalchemy import select

from .. import clock
from ..extensions import db
from ..lists.records import NOBODY, NOWHERE, as_record, delete_rows, in_groups, latest
from ..personal_records import PersonalRecords
from . import references, search
from .models import Enquiry, EnquiryEntry

# What tells one form from the next: no part of what is known of a person.
NOT_GIVEN_OUT = {"form_key", "message_digest", "email_key"}
WRITTEN = ("note", "call", "reply")  # the texts of other entries name staff
_THEIRS = PersonalRecords(Enquiry, made_at=Enquiry.received_at, notice=Enquiry.privacy_version)
find, named, made = _THEIRS.find, _THEIRS.named, _THEIRS.made
contacts, names = _THEIRS.contacts, _THEIRS.names
notice_versions, all_contacts, all_made = _THEIRS.notice_versions, _THEIRS.all_contacts, _THEIRS.all_made


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
    count = delete_rows(Enquiry, ids)
    search.forget_deleted()
    return count


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
