"""Types that all packages share: of columns, of indexes, and of who did something."""

from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import DateTime, Index
from sqlalchemy.types import TypeDecorator


class Author(Protocol):
    """Who of the staff did something: any object with these two."""

    id: int
    name: str


class Keeper(Author, Protocol):
    """One of the staff, and what they may do: `may` is asked for permissions, of which one will do."""

    active: bool

    def may(self, *permissions: str) -> bool: ...


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Takes aware datetimes only and gives them back in UTC, on SQLite as on PostgreSQL.

    Raises ValueError for a naive datetime: which hour it means cannot be known.
    """

    impl = DateTime(timezone=True)
    cache_ok = True
    python_type = datetime

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: instants are stored with a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of those rows only that meet the condition, in SQL.

    The migration that makes it says so in each database's way. Said here, `postgresql_where` would have SQLAlchemy
    load what it knows of PostgreSQL on every server on SQLite, which took a twentieth of the start.
    """
    return Index(name, *columns, unique=unique, info={"where": where})
