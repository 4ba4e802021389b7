"""How a database connection behaves, and the one way in which anything is written.

SQLite runs in WAL mode with foreign keys on and `synchronous=FULL`: what was acknowledged survives a power cut.
Its writers queue for one lock. A transaction that reads first and writes later may find that it cannot get
the lock any more (SQLITE_BUSY_SNAPSHOT, which no waiting mends), so writing transactions take it at their start.
"""

import sqlite3
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import Engine, UniqueConstraint, event, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from .extensions import db

LOCK_WAIT_MS = 20_000
MIGRATIONS = Path(__file__).parent / "migrations"


def configure(engine: Engine) -> None:
    """Attach what every SQLite connection needs; PostgreSQL needs nothing."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        event.listen(engine, "handle_error", _on_error)


def is_sqlite() -> bool:
    """Whether the site at hand keeps its data in SQLite (else in PostgreSQL)."""
    return db.engine.dialect.name == "sqlite"


def _on_connect(connection, _record) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    connection.execute(f"PRAGMA busy_timeout={LOCK_WAIT_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what is deleted or changed is overwritten with zeros


def _on_begin(connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _on_error(context) -> None:
    # A connection opened while the file was read-only or its disk gone stays so: open a new one.
    code = getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        context.is_disconnect = True


@contextmanager
def transaction():
    """A writing transaction: commits at the end, rolls back on any exception, leaving no trace of the block.

    Ends the session's transaction, if one is open, first: objects read before are read again on use.
    Only edges (views, commands, workers) open one; domain code flushes.
    """
    db.session.rollback()
    db.session.connection(execution_options={"writes": True})
    try:
        yield db.session
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def upsert(model):
    """An INSERT that can say what to do on a conflict, for the database in use."""
    return (sqlite if is_sqlite() else postgresql).insert(model)


def broken_rule(error: IntegrityError) -> str | None:
    """The name of the constraint that a statement would have broken; None where the database does not say.

    SQLite names the columns of a unique constraint instead, so its name is looked up in the models.
    """
    if diagnosis := getattr(error.orig, "diag", None):
        return diagnosis.constraint_name
    rule, _, what = str(error.orig).partition(" constraint failed: ")
    if rule != "UNIQUE":
        return what or None
    columns = set(what.split(", "))
    table = db.metadata.tables.get(what.partition(".")[0])
    for constraint in table.constraints if table is not None else ():
        if isinstance(constraint, UniqueConstraint) and {str(column) for column in constraint.columns} == columns:
            return str(constraint.name)
    return None


def in_models(name: str | None, kind: str, _parents) -> bool:
    """Whether migrations compare this with the models: full-text indexes (`..._search`) are made by hand."""
    return not (kind in ("table", "index") and name and "_search" in name)


class SchemaMismatch(Exception):
    """The database's schema is not this program's; the text says what to do."""


def bind_migrations(app: Flask) -> None:
    """Bind Flask-Migrate, for `flask db` and `upgrade`: slow to load, with Alembic, and no server needs them."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(MIGRATIONS), include_name=in_models)


def upgrade(revision: str = "head") -> None:
    """Bring the database's schema up to this program's, or to an older revision."""
    from flask_migrate import upgrade

    if "migrate" not in current_app.extensions:
        bind_migrations(current_app)
    upgrade(revision=revision)


def pending_migrations() -> list[str]:
    """The revisions that this program has and the database does not, oldest first.

    Raises SchemaMismatch when the database was migrated by a newer version of the program.
    """
    from alembic.migration import MigrationContext

    scripts = _scripts()
    with db.engine.connect() as connection:
        applied = MigrationContext.configure(connection).get_current_heads()
    if newer := {revision for revision in applied if not knows(revision)}:
        raise SchemaMismatch(
            f"The database was migrated by a newer version of this program ({', '.join(sorted(newer))}). "
            "Update the program, or restore a backup from before."
        )
    return [r.revision for r in scripts.iterate_revisions("heads", applied or "base")][::-1]


def knows(revision: str) -> bool:
    """Whether this program can bring a schema of this revision up to date."""
    return revision in {known.revision for known in _scripts().walk_revisions()}


def _scripts():
    """Alembic's directory of them."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(MIGRATIONS))


def refuse_older_schema() -> None:
    """Raise SchemaMismatch unless the database has this program's schema."""
    if not _is_newest() and (waiting := pending_migrations()):
        raise SchemaMismatch(
            f"The database lacks migrations of this program ({len(waiting)}). "
            "Run `flask --app wsgi setup` (`make run` does it by itself)."
        )


def _is_newest() -> bool:
    """Whether the database stands at the last migration, told without loading Alembic: they are numbered."""
    newest = max(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return list(connection.scalars(text("SELECT version_num FROM alembic_version"))) == [newest]
