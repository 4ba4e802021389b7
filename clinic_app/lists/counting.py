"""Counts: no further than is worth telling, since nobody waits for counting a million; and in words."""

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select

WORTH_TELLING = 1_000  # a list with more is told as "1,000+"


def counted(query: Select, key: ColumnElement, *, up_to: int) -> ScalarSelect:
    """How many rows the query has, up to `up_to`, as a part of another query. `key` is a column of an index that
    fits: no more than that is read."""
    rows = query.with_only_columns(key).order_by(None).limit(up_to).subquery()
    return select(func.count()).select_from(rows).scalar_subquery()


def how_many(number: int, one: str, many: str = "") -> str:
    """`1 enquiry` and `1,200 enquiries`; several are called `many`, or `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
