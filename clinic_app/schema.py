"""Which schema the database has, and how it is brought to this program's."""

from contextlib import contextmanager
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import func, inspect, select, text

from . import database
from .extensions import db

MIGRATIONS = Path(__file__).parent / "migrations"
_SETTING_UP = 7_016_394_522  # an advisory lock of PostgreSQL's


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


@contextmanager
def setting_up(*, wait):
    """One server at a time prepares a PostgreSQL database that several share: the block waits for the others.

    It waits without an end, since a migration may take long; `wait` is called before it does. SQLite's servers are
    on one machine, where each is set up before it listens.
    """
    if database.is_sqlite():
        yield
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(_SETTING_UP))):
            wait()
            connection.execute(select(func.pg_advisory_lock(_SETTING_UP)))
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(_SETTING_UP)))


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


def newest_revision() -> str:
    """This program's last migration, told without loading Alembic: they are numbered."""
    return max(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _is_newest() -> bool:
    """Whether the database stands at the last migration."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return list(connection.scalars(text("SELECT version_num FROM alembic_version"))) == [newest_revision()]
