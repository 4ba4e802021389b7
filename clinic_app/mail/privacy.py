"""What the outbox holds of a person: found, given out, erased. Everything here flushes and nothing commits."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import String, cast, func, select, update

from ..extensions import db
from ..lists.records import NOBODY, NOWHERE, delete_rows, in_groups
from . import files
from .addresses import as_kept
from .models import OutboxMail, without_bodies

GONE = OutboxMail.state == "sent"  # anything else has reached nobody


def find(
    *,
    about: dict[str, Collection[int]],
    to: Collection[str],
    for_staff: Collection[str] = (),
    until: datetime | None = None,
) -> set[int]:
    """The ids of mails about these things ({"enquiry": ids}), whoever got them, and of mails to these addresses,
    however they are written; of those `for_staff`, by name, the ones whose answers would go there.

    Whoever was staff under an address got them about others. By their answers those are found that name a person
    whose address was corrected since. `until` leaves out mails to the addresses that were queued later.
    """
    found = set()
    for kind, ids in about.items():
        for group in in_groups(ids):
            ours = (OutboxMail.about_kind == kind) & OutboxMail.about_id.in_(group)
            found.update(db.session.scalars(select(OutboxMail.id).where(ours)))
    if kept := {each for address in to for each in as_kept(address)}:
        is_to, is_from = (func.lower(c).in_(kept) for c in (OutboxMail.to_address, OutboxMail.reply_to_address))
        is_for_staff = OutboxMail.name.in_(for_staff)
        query = select(OutboxMail.id).where((is_to & ~is_for_staff) | (is_from & is_for_staff))
        found.update(db.session.scalars(query.where(OutboxMail.created_at <= until) if until else query))
    return found


def newest(ids: Collection[int], *, count: int) -> list[OutboxMail]:
    """The last of them to be queued, latest first, without their bodies."""
    latest = sorted(ids, reverse=True)[:count]
    query = select(OutboxMail).where(OutboxMail.id.in_(latest)).options(*without_bodies())
    return list(db.session.scalars(query.order_by(OutboxMail.id.desc())))


def read(ids: Collection[int]) -> Iterator[OutboxMail]:
    """The mails, oldest first, a few at a time."""
    for group in in_groups(ids):
        yield from db.session.scalars(
            select(OutboxMail).where(OutboxMail.id.in_(group)).order_by(OutboxMail.id)
        ).all()


def held_until(ids: Collection[int], *, now: datetime) -> datetime | None:
    """When the last of them may go out that are held for an undoing; None where none is."""
    found = []
    for group in in_groups(ids):
        held = (OutboxMail.id.in_(group), OutboxMail.state == "queued", OutboxMail.due_at > now)
        found.append(db.session.scalar(select(func.max(OutboxMail.due_at)).where(*held)))
    return max(filter(None, found), default=None)


def delete_unsent(ids: Collection[int]) -> int:
    """Delete those that have not gone out, in a worker's hand too: nobody gets them any more. Gives their number.

    One that a worker has begun to send may still go.
    """
    return _delete(ids, ~GONE)


def erase(ids: Collection[int]) -> int:
    """Delete them, and their files where no mail server is set. Gives their number."""
    return _delete(ids)


def anonymise(ids: Collection[int]) -> int:
    """Leave of those that went out when they went and what kind they were, nothing else; gives their number.

    Those that have not gone out are deleted. Files go too.
    """
    _delete(ids, ~GONE)
    _delete_files(ids)
    number = cast(OutboxMail.id, String)
    nothing = dict.fromkeys(
        ("reply_to_name", "reply_to_address", "subject", "text_body", "html_body", "last_error"), ""
    )
    count = 0
    for group in in_groups(ids):
        count += db.session.execute(
            update(OutboxMail)
            .where(OutboxMail.id.in_(group))
            .values(
                **nothing,
                event="erased:" + number,
                to_name=NOBODY,
                to_address="anonymous@" + NOWHERE,
                message_id="<" + number + "@" + NOWHERE + ">",
                calendar_method=None,
                calendar_text=None,
            ),
            execution_options={"synchronize_session": False},
        ).rowcount
    return count


def _delete(ids: Collection[int], *conditions) -> int:
    _delete_files(ids, *conditions)
    return delete_rows(OutboxMail, ids, *conditions)


def _delete_files(ids: Collection[int], *conditions) -> None:
    """Where no mail server is set. Before the commit: a file that is lost was a copy, one that stays is a leak.

    The rows are locked: a worker that is writing a file just now records it after the commit, finds its mail gone,
    and removes the file itself.
    """
    query = select(OutboxMail.id, OutboxMail.due_at).where(*conditions).order_by(OutboxMail.id).with_for_update()
    for group in in_groups(ids):
        for mail in db.session.execute(query.where(OutboxMail.id.in_(group))):
            files.remove(mail)
