"""Storing texts again as they would be stored now (sealed, under a newer key, plain), while the site serves.

Each table is walked by number, a batch at a time, each in a transaction of the caller's. What is stored as it
should be is left alone, so a walk that was broken off is simply begun again.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Column, Table, Text, cast, func, select, update

from ..extensions import db
from .encryption import SealedText, SealedWords, Unreadable, keys

BATCH = 200


class Batch(NamedTuple):
    """What a step did: up to which number it went, which rows it changed, how many it could not read."""

    last: int
    changed: tuple[int, ...]
    unreadable: int


def tables() -> dict[Table, list[Column]]:
    """The tables with sealed columns, and those."""
    found = {
        table: [column for column in table.columns if isinstance(column.type, SealedText | SealedWords)]
        for table in db.metadata.sorted_tables
    }
    return {table: columns for table, columns in found.items() if columns}


def count(table: Table) -> int:
    """How many rows it has."""
    return db.session.scalar(select(func.count()).select_from(table))


def rewrite_some(table: Table, columns: list[Column], *, after: int) -> Batch | None:
    """Rewrite what needs it among the next rows behind the number `after`; None where there are none. Flushes."""
    raw = select(table.c.id, *(cast(column, Text).label(column.name) for column in columns))
    rows = db.session.execute(raw.where(table.c.id > after).order_by(table.c.id).limit(BATCH)).all()
    if not rows:
        return None
    stale = [row.id for row in rows if not all(_is_current(column, row) for column in columns)]
    changed = tuple(_rewrite(table, columns, stale)) if stale else ()
    return Batch(last=rows[-1].id, changed=changed, unreadable=len(stale) - len(changed))


def _rewrite(table: Table, columns: list[Column], ids: list[int]) -> Iterable[int]:
    """Write the rows' texts anew, locked, and give their numbers; what cannot be read stays as it is."""
    query = select(table.c.id, *columns).where(table.c.id.in_(ids)).with_for_update(key_share=True)
    for row in db.session.execute(query).all():
        texts = {column.name: getattr(row, column.name) for column in columns}
        if not any(_cannot_be_read(text) for text in texts.values()):
            db.session.execute(update(table).where(table.c.id == row.id).values(texts))
            yield row.id


def _is_current(column: Column, row) -> bool:
    stored = getattr(row, column.name)
    return stored is None or column.type.is_current(stored)


def _cannot_be_read(value) -> bool:
    texts = value.values() if isinstance(value, dict) else (value,)
    return any(isinstance(text, Unreadable) for text in texts)


def trouble() -> str:
    """Why stored texts cannot be read, or their keys are not safe, in a sentence; "" where all is well."""
    path = keys().path
    if (told := unreadable()) or not (path.exists() and path.stat().st_mode & 0o077):
        return told
    return f"Others on this machine can read the keys. Run: chmod 600 {path}"


def unreadable() -> str:
    """Which stored texts cannot be read, in a sentence; "" where all can. Looks at each table's newest rows."""
    for table, columns in tables().items():
        for row in db.session.execute(select(*columns).order_by(table.c.id.desc()).limit(BATCH)):
            if any(_cannot_be_read(value) for value in row):
                return f"Texts in {table.name} cannot be read: the key that they were encrypted with is missing."
    return ""
