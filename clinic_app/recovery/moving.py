"""Moving a site from SQLite to PostgreSQL: everything that the file holds, or nothing.

Values go over as they are stored, by COPY: what is sealed stays sealed, and instants are texts of UTC. Rules and
triggers of the new database hold for each row; its indexes of words follow from the rows.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import URL, Connection, Table, create_engine, text

from .. import database, schema
from ..accounts import audit
from ..extensions import db
from ..times.kept_weeks import KeptWeek
from . import postgresql_store, sqlite_store, stores
from .copied import VERSIONS, Copied
from .postgresql_store import PostgreSQLStore
from .refusals import AlreadyThere, NewerThanProgram, NotSetUp, NotTaken, NotWhole, OlderThanProgram, OtherDatabase
from .sqlite_store import SQLiteStore

OF_MIGRATIONS = {VERSIONS, "content_version"}  # whose rows a new database has, and keeps


def copy(file: Path) -> Copied:
    """Copy all of a SQLite file into the site's PostgreSQL database, which is empty; gives what there was to copy.

    An edge: commits. Raises Refused, or SchemaMismatch; then the database holds no record.
    """
    if database.is_sqlite():
        raise OtherDatabase("Set database_url first: the empty PostgreSQL database to copy to.")
    with _held(file) as source:
        held = sqlite_store.look(source)
        _refuse_other_schema(held.revision, file)
        _refuse_records()
        schema.upgrade()
        db.session.remove()
        db.engine.dispose()  # connections of our own would be taken for somebody's
        with database.transaction() as session:
            target = session.connection()
            postgresql_store.be_alone(target)
            _put_in(source, target)
            if wrong := stores.differences(postgresql_store.look(target).tables, held.tables):
                raise NotWhole(f"Not everything arrived, so nothing was kept: {'; '.join(wrong)}.")
            audit.record("copied the database", by=None, rows=held.rows)
    return held


@contextmanager
def _held(file: Path) -> Iterator[sqlite3.Connection]:
    """The file, while nobody else reads or writes it. Raises StillInUse, or NotWhole where it cannot be read."""
    try:
        SQLiteStore(create_engine(URL.create("sqlite", database=str(file)))).be_alone()
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield connection
    except NotSetUp:
        raise NotWhole(f"{file} is not a database of this program.") from None
    except sqlite3.DatabaseError as error:
        raise NotWhole(f"{file} cannot be read: {error}.") from error


def _refuse_other_schema(revision: str, file: Path) -> None:
    known = schema.revisions()
    if revision not in known:
        raise NewerThanProgram(
            f"The schema of {file} ({revision}) is of a later version of this program. Update the program first."
        )
    if revision != known[-1]:
        raise OlderThanProgram(
            f"{file} lacks migrations of this program. Bring it up to date first: "
            f"CLINIC_DATABASE_URL=sqlite:///{file.resolve()} flask setup --no-starter"
        )


def _refuse_records() -> None:
    """Raise AlreadyThere unless the site's database is empty, migrated or not."""
    held = PostgreSQLStore(db.engine).holds()
    if held and (rows := sum(count for table, count in held.tables.items() if table not in OF_MIGRATIONS)):
        raise AlreadyThere(
            f"The database that database_url names holds records already ({rows:,} rows). Name an empty one, or "
            "make this one anew with PostgreSQL's dropdb and createdb if nothing in it is needed."
        )


def _put_in(source: sqlite3.Connection, target: Connection) -> None:
    target.execute(text("SET LOCAL TIME ZONE 'UTC'"))
    target.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # the server need not remember each row to the end
    # The last number of each table that counts on: what is erased keeps its number (migration 0017).
    given = dict(source.execute("SELECT name, seq FROM sqlite_sequence"))
    for table in _tables():
        _copy_rows(table, source, target)
        if table.autoincrement_column is not None:
            _count_on(table, given.get(table.name, 0), target)


def _tables() -> list[Table]:
    """Each behind those that it refers to; kept weeks last, which are taken away when what they count comes."""
    weeks = [mapper.local_table for mapper in db.Model.registry.mappers if issubclass(mapper.class_, KeptWeek)]
    tables = [table for table in db.metadata.sorted_tables if table.name not in OF_MIGRATIONS]
    return sorted(tables, key=lambda table: table in weeks)


def _copy_rows(table: Table, source: sqlite3.Connection, target: Connection) -> None:
    """In one statement, since rows may refer to later ones of their table; each is sent as it is read."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    rows = source.execute(f'SELECT {names} FROM "{table.name}"')  # noqa: S608
    try:
        with target.connection.cursor().copy(f'COPY "{table.name}" ({names}) FROM STDIN') as into:
            for row in rows:
                into.write_row(row)
    except psycopg.Error as error:
        raise NotTaken(f"PostgreSQL did not take {table.name}: {error.diag.message_primary or error}.") from error


def _count_on(table: Table, given: int, target: Connection) -> None:
    """Have the table's next number follow the last one that was given."""
    column = table.autoincrement_column.name
    highest = target.scalar(text(f'SELECT max("{column}") FROM "{table.name}"')) or 0  # noqa: S608
    places = {"table": table.name, "column": column}
    sequence = target.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), places)
    target.execute(text(f"ALTER SEQUENCE {sequence} RESTART WITH {max(given, highest) + 1}"))
