"""The site's database as backups see it: copied, checked in a scratch place, set aside, put back."""

from .. import database
from ..extensions import db
from .postgresql_store import PostgreSQLStore
from .refusals import NotWhole
from .sqlite_store import SQLiteStore


def of_site() -> SQLiteStore | PostgreSQLStore:
    """The store of the site at hand."""
    return (SQLiteStore if database.is_sqlite() else PostgreSQLStore)(db.engine)


def compare(found: dict[str, int], expected: dict[str, int]) -> None:
    """Raise NotWhole unless every table has the rows that it should have."""
    if wrong := differences(found, expected):
        raise NotWhole(f"The backup does not hold what its manifest says: {'; '.join(wrong)}.")


def differences(found: dict[str, int], expected: dict[str, int]) -> list[str]:
    """Each table that has not the rows that it should have, in words."""
    return [
        f"{table} has {found.get(table, 'none at all')} rows and should have {expected.get(table, 'none at all')}"
        for table in sorted(found | expected)
        if found.get(table) != expected.get(table)
    ]
