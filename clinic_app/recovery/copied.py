"""What a store knows of a copy of the database."""

from typing import NamedTuple

VERSIONS = "alembic_version"


class Copied(NamedTuple):
    """The revision of its schema, and how many rows each table has: those that programs fill, no search index."""

    revision: str
    tables: dict[str, int]

    @property
    def rows(self) -> int:
        return sum(count for table, count in self.tables.items() if table != VERSIONS)


def is_counted(table: str) -> bool:
    """Whether rows of this table are counted: a search index follows from the rest."""
    return not table.startswith("sqlite_") and "_search" not in table
