"""Reading the audit trail: what was done, by whom, to what, and when."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from ..extensions import db
from ..lists import chunks
from .models import AuditEntry

NEWEST_FIRST = (AuditEntry.id.desc(),)  # entries are numbered as they are written
COLUMNS = (
    *(AuditEntry.id, AuditEntry.at, AuditEntry.by, AuditEntry.member_id),
    *(AuditEntry.action, AuditEntry.kind, AuditEntry.about_id, AuditEntry.details),
)


class Asked(NamedTuple):
    """What is asked for; what is None or empty does not narrow.

    `who` is a member's number, or the name of who has none (audit.COMMAND_LINE, audit.SOMEBODY). `about` are
    things by kind and number, any of which will do. Instants are from `since` on, and before `until`.
    """

    who: int | str | None = None
    action: str = ""
    kind: str = ""
    about: tuple[tuple[str, int], ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def matching(asked: Asked) -> Select:
    """The query of such entries, in no order."""
    query = select(AuditEntry)
    if isinstance(asked.who, int):
        query = query.where(AuditEntry.member_id == asked.who)
    elif asked.who is not None:
        query = query.where(AuditEntry.member_id.is_(None), AuditEntry.by == asked.who)
    for column, wanted in ((AuditEntry.action, asked.action), (AuditEntry.kind, asked.kind)):
        if wanted:
            query = query.where(column == wanted)
    if asked.about:
        query = query.where(_is_about(asked.about))
    if asked.since:
        query = query.where(AuditEntry.at >= asked.since)
    if asked.until:
        query = query.where(AuditEntry.at < asked.until)
    return query


def every(asked: Asked) -> Iterator[Row]:
    """COLUMNS of all such entries, oldest first, read in chunks."""
    return chunks.rows(matching(asked).with_only_columns(*COLUMNS), by=(AuditEntry.id,))


def latest(kind: str, ids: Collection[int], actions: Iterable[str]) -> dict[int, int]:
    """The number of the last entry that tells of one of these actions, of each of these things that has one."""
    query = select(AuditEntry.about_id, func.max(AuditEntry.id)).where(*_did(actions, kind, ids))
    return dict(db.session.execute(query.group_by(AuditEntry.about_id)).all())


def since(number: int, kind: str, id: int, actions: Iterable[str]) -> Sequence[AuditEntry]:
    """The entries after the one of this number that tell of these actions on this thing, oldest first."""
    query = select(AuditEntry).where(*_did(actions, kind, [id]), AuditEntry.id > number)
    return db.session.scalars(query.order_by(AuditEntry.id)).all()


def actions() -> list[str]:
    """What has been done at all, in the order of the alphabet."""
    return _different(AuditEntry.action)


def kinds() -> list[str]:
    """The kinds of things that something was done to."""
    return [kind for kind in _different(AuditEntry.kind) if kind]


def _is_about(things: Iterable[tuple[str, int]]):
    by_kind: dict[str, list[int]] = {}
    for kind, number in things:
        by_kind.setdefault(kind, []).append(number)
    return or_(*(and_(AuditEntry.kind == kind, AuditEntry.about_id.in_(ids)) for kind, ids in by_kind.items()))


def _did(actions: Iterable[str], kind: str, ids: Collection[int]) -> tuple:
    return (AuditEntry.kind == kind, AuditEntry.about_id.in_(ids), AuditEntry.action.in_(actions))


def _different(column: InstrumentedAttribute) -> list[str]:
    """A column's values, each once: from one to the next by the index, past all that are the same."""
    words = select(func.min(column).label("word")).cte("words", recursive=True)
    after = select(func.min(column)).where(column > words.c.word).scalar_subquery()
    words = words.union_all(select(after).where(words.c.word.is_not(None)))
    return list(db.session.scalars(select(words.c.word).where(words.c.word.is_not(None))))
