"""Long lists by key: a page begins behind the last row of the one before, which an index finds however far down.

Counting rows off (OFFSET) reads all that it skips, and shows rows twice or never when new ones arrive meanwhile.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.sql import operators

from ..extensions import db

SIZE = 50
LARGEST_NUMBER = 2**31 - 1
OLDER, NEWER = "o", "n"


def row_number(text: str) -> int | None:
    """The number of a row, as an address or a form names it; None for what can be none.

    Its length is looked at first: Python refuses to read thousands of digits.
    """
    is_short_enough = len(text) <= len(str(LARGEST_NUMBER))
    number = int(text) if is_short_enough and text.isascii() and text.isdecimal() else None
    return number if number is not None and number <= LARGEST_NUMBER else None


class Page(NamedTuple):
    """Some rows in order; `newer` and `older` are what `page` takes as `at` for the pages beside it, or None."""

    items: Sequence[Any]
    newer: str | None
    older: str | None


class Words(NamedTuple):
    """The condition that a row has some words, in two forms.

    `by_index` selects the `key` of every such row: quick where there are few. `at_sight(key)` selects anything at
    all where the row with this key is one: quick where there are many, so `looked_at` of the next rows are tried
    by it first. `rows` selects the entity.
    """

    rows: Select
    by_index: Select
    at_sight: Callable[[ColumnElement], Select]
    looked_at: int = 2_000


def begins_a_word(words: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """SQL: one of a column's words, with spaces between, begins with this one."""
    return (" " + words).contains(f" {word}")


def holds(at_sight: Select) -> ColumnElement[bool]:
    """SQL: the query selects something. OFFSET has PostgreSQL find that out row by row: left to itself, it would
    at times look through all rows at once."""
    return at_sight.offset(0).exists()


def page(
    query: Select,
    *,
    order: Sequence[ColumnElement],
    size: int = SIZE,
    at: str | None = None,
    words: Words | None = None,
) -> Page:
    """The page of an entity's rows that the token `at` leads to.

    It is the first page without a token, for any other text, and where no row is left: who works through a list
    empties its last page.

    `order` are columns of the entity that are never null, all ascending or all `.desc()`, the last one its key.
    With `words`, the next rows are looked through first, as many as those say: they fill the page where the words
    are common, for which an index would bring every row that has them.
    """
    columns = [getattr(column, "element", column) for column in order]
    descending = all(getattr(column, "modifier", None) is operators.desc_op for column in order)
    way, values = _read(at, columns)
    backwards = way == NEWER
    down, part = descending != backwards, query
    if values is not None:
        edge = tuple_(*(literal(value, column.type) for value, column in zip(values, columns, strict=True)))
        part = query.where(tuple_(*columns) < edge if down else tuple_(*columns) > edge)
    ordered = part.order_by(*(_directed(column, down) for column in columns))
    ordered = _narrowed(ordered, size + 1, columns, down, words) if words else ordered.limit(size + 1)
    rows = db.session.scalars(ordered).unique().all()
    if not rows and values is not None:
        return page(query, order=order, size=size, words=words)
    more, rows = len(rows) > size, rows[:size]
    rows = rows[::-1] if backwards else rows
    before, after = (more, True) if backwards else (values is not None, more)
    return Page(
        items=rows,
        newer=_token(NEWER, rows[0], columns) if rows and before else None,
        older=_token(OLDER, rows[-1], columns) if rows and after else None,
    )


def _narrowed(ordered: Select, count: int, columns: Sequence[ColumnElement], down: bool, words: Words) -> Select:
    """The query of the first `count` rows that have the words. It takes two or three queries to find those.

    It asks for them by their keys alone: given the list's conditions too, SQLite would walk the whole list.
    """
    key = columns[-1]
    near = ordered.with_only_columns(key).limit(words.looked_at).subquery()
    found = select(near.c[key.key]).where(holds(words.at_sight(near.c[key.key]))).limit(count)
    keys = db.session.scalars(found).all()
    looked_at = db.session.scalar(select(func.count()).select_from(near))
    if len(keys) < count and looked_at == words.looked_at:
        keys = db.session.scalars(_keys_by_index(ordered, count, columns, down, words)).all()
    return words.rows.where(key.in_(keys)).order_by(*(_directed(column, down) for column in columns))


def _keys_by_index(
    ordered: Select, count: int, columns: Sequence[ColumnElement], down: bool, words: Words
) -> Select:
    """Keys of those that have the words, put in order after all are found: the databases would take rare words for
    common ones and walk the whole list in its order. OFFSET keeps them from that."""
    named = words.by_index.offset(0).subquery()
    met = ordered.join(named, named.c.key == columns[-1]).order_by(None).with_only_columns(*columns)
    met = met.offset(0).subquery()
    found = [met.c[column.key] for column in columns]
    return select(found[-1]).order_by(*(_directed(each, down) for each in found)).limit(count)


def _directed(column: ColumnElement, down: bool) -> ColumnElement:
    return column.desc() if down else column.asc()


def _token(way: str, row: Any, columns: Sequence[ColumnElement]) -> str:
    values = [getattr(row, column.key) for column in columns]
    told = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return way + base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _read(token: str | None, columns: Sequence[ColumnElement]) -> tuple[str, list | None]:
    """(way, values) of a token; no values for what is no token of these columns."""
    way, packed = (token or "")[:1], (token or "")[1:]
    try:
        told = json.loads(base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True))
        if way not in (OLDER, NEWER) or len(told) != len(columns):
            raise ValueError
        return way, [_value(one, column) for one, column in zip(told, columns, strict=True)]
    except (ValueError, TypeError, binascii.Error, RecursionError):
        return OLDER, None


def _value(told: Any, column: ColumnElement) -> Any:
    wanted = column.type.python_type
    value = datetime.fromisoformat(told) if wanted is datetime else told
    if type(value) is not wanted or (wanted is datetime and value.tzinfo is None):
        raise ValueError
    if (wanted is int and abs(value) > LARGEST_NUMBER) or (wanted is str and "\0" in value):
        raise ValueError
    return value
