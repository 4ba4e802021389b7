"""Rows into a table by the quickest way that a database has; its constraints and triggers hold.

Indexes that no constraint stands on are taken away meanwhile where there will be many rows, and made again from
all of them, which takes a fraction of the time.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from clinic_app.extensions import db

AT_ONCE = 50_000
WORDS_IN_MEMORY = 64_000_000  # bytes, of an index of words, before they go into its file
USUAL_WORDS_IN_MEMORY = 1_048_576


class SQLite:
    """Rows by `executemany`, some thousands at a time."""

    indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = '{}'"

    def __init__(self, connection):
        self.connection = connection
        for pragma in ("synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        self._keep_words(WORDS_IN_MEMORY)

    def _keep_words(self, size: int) -> None:
        tables = self.connection.execute(
            "SELECT name FROM sqlite_master WHERE sql LIKE '%USING fts5(%'"
        ).fetchall()
        for (name,) in tables:
            self.connection.execute(f"INSERT INTO {name} ({name}, rank) VALUES ('hashsize', {size})")

    def add(self, table: str, columns: tuple[str, ...], rows: Iterable[tuple]) -> None:
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        rows = iter(rows)
        while some := [tuple(map(_as_text, row)) for row in islice(rows, AT_ONCE)]:
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", some)
            self.connection.execute("COMMIT")

    def finish(self) -> None:
        self._keep_words(USUAL_WORDS_IN_MEMORY)
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class PostgreSQL:
    """Rows by `COPY`, one statement for a table."""

    indexes = (
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = '{}'::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)"
    )

    def __init__(self, connection):
        self.connection = connection
        connection.autocommit = True
        for setting in ("TIME ZONE 'UTC'", "synchronous_commit = off", "maintenance_work_mem = '1GB'"):
            connection.execute(f"SET {setting}")

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
def indexes_afterwards(database: SQLite | PostgreSQL, table: str) -> Iterator[None]:
    """The table without its indexes, which are made again at the end."""
    indexes = database.connection.execute(database.indexes.format(table)).fetchall()
    for name, _ in indexes:
        database.connection.execute(f"DROP INDEX {name}")
    yield
    for _, statement in indexes:
        database.connection.execute(statement)


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
