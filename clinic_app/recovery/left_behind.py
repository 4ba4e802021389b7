"""What a site that went to PostgreSQL left in its SQLite file: told, so that it is not missed, nor forgotten."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from flask import current_app
from sqlalchemy import inspect, text

from .. import database, site_folder
from ..extensions import db

PEOPLE = ("members", "enquiries", "appointments")
CONTENT = ("posts", "practitioners", "services")


def file() -> Path | None:
    """The SQLite file in the instance folder, where the site is on PostgreSQL and the file has records of its own:
    more than starter content. One that cannot be read may have some."""
    path = Path(current_app.instance_path) / site_folder.DATABASE
    if database.is_sqlite() or not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as there:
            tables = [name for (name,) in there.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return path if any(there.execute(query).fetchone() for query in _queries(tables)) else None
    except sqlite3.DatabaseError:
        return path


def is_needed() -> bool:
    """Whether the site's own database has nothing but starter content."""
    queries = _queries(inspect(db.engine).get_table_names())
    return not any(db.session.execute(text(query)).first() for query in queries)


def words(path: Path) -> tuple[str, str]:
    """That this file is needed, and what to do."""
    return (
        f"database_url names a PostgreSQL database without records, and {path} holds this site's.",
        f"Stop the site and run `flask copy-database {path}`; or move that file away, to begin anew.",
    )


def _queries(tables: list[str]) -> Iterator[str]:
    """Each finds a row of the clinic's own in one of the tables that are there."""
    for table in PEOPLE:
        if table in tables:
            yield f"SELECT 1 FROM {table} LIMIT 1"  # noqa: S608
    starter = ", ".join(f"'{path.stem}'" for path in site_folder.STARTER.rglob("*.md"))
    for table in CONTENT:
        if table in tables:
            yield f"SELECT 1 FROM {table} WHERE slug NOT IN ({starter}) LIMIT 1"  # noqa: S608
