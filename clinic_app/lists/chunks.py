"""Reading many rows without holding them: a chunk at a time, each in a short transaction of its own.

So memory does not grow with the table, and a slow reader at the other end keeps no transaction open.
"""

from collections.abc import Iterator
from itertools import chain, repeat

from sqlalchemy import Row, Select, tuple_

from ..csv_files import LINES_AT_ONCE
from ..extensions import db

FIRST = LINES_AT_ONCE  # so that a file begins with one short read
SIZE = 500


def rows(query: Select, *, by: tuple, size: int = SIZE) -> Iterator[Row]:
    """The query's rows in ascending order of the columns `by`: among its own, never null, together unique.

    Rows that appear behind the reader's place are read, those before it are not; none is read twice. The first
    chunk is small, so that a file begins at once.
    """
    place = None
    names = [column.key for column in by]
    for count in chain([min(FIRST, size)], repeat(size)):
        ahead = query if place is None else query.where(tuple_(*by) > tuple_(*place))
        with db.engine.connect() as connection:
            found = connection.execute(ahead.order_by(*by).limit(count)).all()
        yield from found
        if len(found) < count:
            return
        place = [getattr(found[-1], name) for name in names]
