"""Which schema the database has, and how it is brought to this program's."""

import fcntl
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import func, inspect, select, text

from . import database
from .extensions import db

MIGRATIONS = Path(__file__).parent / "migrations"


def in_models(name: str | None, kind: str, _parents) -> bool:
    """Whether migrations compare this with the models: what words are found by (`..._search`) is made by hand."""
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


def setting_up(*, wait: Callable[[], object]) -> AbstractContextManager:
    """One at a time makes the site's database what it should be, out of nothing, an older one, a backup or another
    database: the block waits for whoever does, on whatever server.

    It waits without an end, since that may take long; `wait` is called before it does.
    """
    return _turn_in_folder(wait) if database.is_sqlite() else _turn_in_database(wait)


@contextmanager
def _turn_in_folder(wait: Callable[[], object]):
    """SQLite's servers are on one machine."""
    folder = os.open(current_app.instance_path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(folder, fcntl.LOCK_EX)
        except OSError:
            pass  # a network's disk may lock no folders
        yield
    finally:
        os.close(folder)


@contextmanager
def _turn_in_database(wait: Callable[[], object]):
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # the turn ends with the connection, also where that was lost
        if not connection.scalar(select(func.pg_try_advisory_lock(database.SETTING_UP))):
            wait()
            connection.execute(select(func.pg_advisory_lock(database.SETTING_UP)))
        yield


def revisions() -> list[str]:
    """This program's migrations, oldest first, told without Alembic, which is slow to load: they are numbered, and
    each file has its revision's name."""
    return sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def pending_migrations() -> list[str]:
    """The revisions that this program has and the database does not, oldest first.

    Raises SchemaMismatch when the database was migrated by a newer version of the program.
    """
    known, applied = revisions(), _applied()
    if applied and applied not in known:
        raise SchemaMismatch(
            f"The database was migrated by a newer version of this program ({applied}). "
            "Update the program, or restore a backup from before."
        )
    return [revision for revision in known if revision > applied]


def refuse_older_schema() -> None:
    """Raise SchemaMismatch unless the database has this program's schema."""
    if waiting := pending_migrations():
        raise SchemaMismatch(
            f"The database lacks migrations of this program ({len(waiting)}). "
            "Run `flask setup` (`make run` does it by itself)."
        )


def _applied() -> str:
    """The last migration that the database has; "" where it has none."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.scalar(text("SELECT version_num FROM alembic_version")) or ""
