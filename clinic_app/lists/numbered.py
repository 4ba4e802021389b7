"""Lists whose pages have numbers, which addresses carry and search engines keep: for visitors.

To reach a page, what is before it has to be counted off. That is done by the index alone, whose entries are small,
and from the nearer end; only the page's own rows are read whole. Lists for staff go by key (lists.keyset).
"""

from collections.abc import Callable, Sequence

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.sql import operators

from ..extensions import db


class Numbered(Pagination):
    """A page of the rows that `rows(offset, limit)` gives; `total` is how many there are."""

    def __init__(self, *, rows: Callable[[int, int], Sequence], total: int, page: int, per_page: int):
        super().__init__(page=page, per_page=per_page, error_out=False, rows=rows, total=total)

    def _query_items(self) -> list:
        return list(self._query_args["rows"](self._query_offset, self.per_page))

    def _query_count(self) -> int:
        return self._query_args["total"]


def page(keys: Select, *, order: Sequence[ColumnElement], rows: Select, page: int, per_page: int) -> Numbered:
    """A page of `rows`, which selects an entity, whose keys `keys` selects; empty past the last. Two queries."""
    total = count(keys)
    return Numbered(
        rows=lambda offset, limit: part(keys, order=order, rows=rows, offset=offset, limit=limit, total=total),
        total=total,
        page=page,
        per_page=per_page,
    )


def count(keys: Select) -> int:
    """How many there are. One query."""
    return db.session.scalar(select(func.count()).select_from(keys.order_by(None).subquery()))


def part(
    keys: Select, *, order: Sequence[ColumnElement], rows: Select, offset: int, limit: int, total: int
) -> Sequence:
    """The rows from `offset` on in this order, which names the key last. One query, none past the last."""
    count = min(limit, total - offset)
    if count <= 0:
        return []
    if offset > total // 2:
        wanted = keys.order_by(*map(_turned, order)).offset(total - offset - count)
    else:
        wanted = keys.order_by(*order).offset(offset)
    [key] = wanted.selected_columns
    # The key of the entity, not of the subquery: SQLAlchemy would take one for the other.
    chosen = wanted.limit(count).subquery()
    return db.session.scalars(rows.where(key.in_(select(chosen.c[key.key]))).order_by(*order)).all()


def _turned(column: ColumnElement) -> ColumnElement:
    if getattr(column, "modifier", None) is operators.desc_op:
        return column.element.asc()
    return column.desc()
