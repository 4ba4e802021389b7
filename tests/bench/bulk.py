"""Rows into a table by the quickest way that a database has; its constraints, indexes and triggers hold."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from clinic_app.extensions import db

AT_ONCE = 5_000


class SQLite:
    """Rows by `executemany`, a few thousand at a time."""

    def __init__(self, connection):
        self.connection = connection
        for pragma in ("synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")

    def add(self, table: str, columns: tuple[str, ...], rows: Iterable[tuple]) -> None:
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        rows = iter(rows)
        while some := [tuple(map(_as_text, row)) for row in islice(rows, AT_ONCE)]:
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", some)
            self.connection.execute("COMMIT")

    def finish(self) -> None:
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class PostgreSQL:
    """Rows by `COPY`, one statement for a table."""

    def __init__(self, connection):
        self.connection = connection
        connection.autocommit = True
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute("SET synchronous_commit = off")

    def add(self, table: str, columns: tuple[str, ...], rows: Iterable[tuple]) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        with self.connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([json.dumps(value) if isinstance(value, list | dict) else value for value in row])
        if "id" in columns:  # the next row of the site's own gets a number of its own
            self.connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )

    def finish(self) -> None:
        """What autovacuum does within minutes: statistics, and the map that index-only scans need."""
        self.connection.execute("VACUUM ANALYZE")


@contextmanager
def opened() -> Iterator[SQLite | PostgreSQL]:
    """The site's database, for rows by the thousand. Instants in rows are naive, and of UTC."""
    pooled = db.engine.raw_connection()
    try:
        kind = SQLite if db.engine.dialect.name == "sqlite" else PostgreSQL
        bulk = kind(pooled.driver_connection)
        yield bulk
        bulk.finish()
    finally:
        pooled.invalidate()


def _as_text(value):
    """As SQLAlchemy stores it."""
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    return json.dumps(value) if isinstance(value, list | dict) else value
