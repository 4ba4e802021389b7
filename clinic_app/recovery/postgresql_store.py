"""Backups of PostgreSQL, by its own programs."""

import secrets
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from .. import clock, database
from . import postgresql_programs as programs
from .copied import VERSIONS, Copied, is_counted
from .refusals import NotSetUp, NotTheOwner, NotWhole, StillInUse
from .workplace import GONE_AFTER

SCHEMA = "public"  # all that is the program's; other schemas, such as what a restore set aside, are not backed up
NOT_EMPTY = "2BP01"  # what else depends on it: PostgreSQL, appendix A
NOT_ALLOWED = "42501"  # insufficient_privilege
# How the schemas of a restore are called, with its stamp behind: what it has set aside, and that it has not ended.
ASIDE, MARK = "before_restore_", "restore_is_under_way_"
SCRATCH, STAMP = "clinic_check_", "%Y%m%d%H%M%S"  # how names of scratch databases begin, and go on: UTC
LEAVING_SECONDS = 3  # for the connections of a site that was just stopped

_FORGOTTEN = text(
    "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = current_user "
    "AND datname ~ '^clinic_check_[0-9]{14}_' AND datname < :before"
)
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND NOT EXISTS ("  # who has the turn is we
    "SELECT 1 FROM pg_locks AS lock WHERE lock.pid = pg_stat_activity.pid AND granted AND locktype = 'advisory' "
    "AND (classid::bigint << 32) + objid::bigint = :turn)"
)
_IS_THERE = text("SELECT to_regnamespace(:name) IS NOT NULL")
_MARKS = text("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, :mark) ORDER BY nspname DESC")


class PostgreSQLStore:
    """The database on a PostgreSQL server."""

    kind = "postgresql"
    member = "database.dump"

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def copy(self, to: Path) -> Copied:
        """Dump the database as it is now: rows are counted in the very moment that is dumped. Raises NotSetUp,
        ProgramFailed."""
        with self.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            copied = look(connection)
            moment = connection.scalar(text("SELECT pg_export_snapshot()"))
            programs.dump(self.engine.url, to, schema=SCHEMA, snapshot=moment)
        return copied

    def check(self, file: Path) -> tuple[Copied | None, str]:
        """Restore a dump to a scratch database; gives what is in it (None where there may be no such database)
        and how that was found. Raises NotWhole, ProgramFailed."""
        scratch = f"{SCRATCH}{clock.now():{STAMP}}_{secrets.token_hex(4)}"
        try:
            with self._scratch_database(scratch) as engine:
                if _lets_in(engine):
                    programs.restore(file, engine.url, schema=SCHEMA)
                    with engine.connect() as connection:
                        return look(connection), "restored to a scratch database and counted"
        except DBAPIError as error:
            if not _is_not_allowed(error):
                raise NotWhole(f"The dump cannot be read back: {error.orig}") from error
        except NotSetUp as error:
            raise NotWhole("The dump has no tables.") from error
        programs.read(file)
        return None, (
            "read to its end, but NOT restored to a scratch database: the site's database user may not create one "
            "(ALTER ROLE ... CREATEDB lets it), or is not let into it (by pg_hba.conf)"
        )

    def holds(self) -> Copied | None:
        """What is in the database at present; None where it is not set up."""
        try:
            with self.engine.connect() as connection:
                return look(connection)
        except NotSetUp:
            return None

    def set_aside(self, stamp: str) -> str:
        """Put the tables away, into a schema of their own; gives its name. Raises StillInUse, NotTheOwner."""
        self.engine.dispose()
        try:
            with self.engine.begin() as connection:
                be_alone(connection)
                connection.execute(text(f'ALTER SCHEMA {SCHEMA} RENAME TO "{ASIDE}{stamp}"'))
                connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
                connection.execute(text(f'CREATE SCHEMA "{MARK}{stamp}"'))
        except DBAPIError as error:
            if _is_not_allowed(error):
                raise NotTheOwner("The site's database user has to own the database to restore it.") from error
            raise
        return f"the schema {ASIDE}{stamp}"

    def put_in(self, file: Path) -> Copied:
        """Restore a dump into the empty schema; gives what is in it. Raises ProgramFailed."""
        programs.restore(file, self.engine.url, schema=SCHEMA)
        with self.engine.connect() as connection:
            return look(connection)

    def take_back(self, stamp: str) -> None:
        """Put what was set aside where it was, in place of what came."""
        self.engine.dispose()
        with self.engine.begin() as connection:
            if connection.scalar(_IS_THERE, {"name": f'"{ASIDE}{stamp}"'}):  # else somebody has put it back
                connection.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))
                connection.execute(text(f'ALTER SCHEMA "{ASIDE}{stamp}" RENAME TO {SCHEMA}'))
            connection.execute(text(f'DROP SCHEMA "{MARK}{stamp}"'))

    def broken_off(self) -> list[str]:
        """The stamps of restores that were killed: what is in the place of the tables is not whole."""
        with self.engine.connect() as connection:
            marks = connection.scalars(_MARKS, {"mark": MARK}).all()
        return [mark.removeprefix(MARK) for mark in marks]

    def be_alone(self) -> None:
        """Raise StillInUse where somebody else has the database open, such as the program of a restore that was
        killed."""
        with self.engine.connect() as connection:
            be_alone(connection)

    def end_restore(self, stamp: str) -> None:
        """What has come is whole, and stays."""
        with self.engine.begin() as connection:
            connection.execute(text(f'DROP SCHEMA "{MARK}{stamp}"'))

    def tidy(self, stamp: str) -> None:
        """Leave no empty place behind where nothing was set aside.

        What the program of a restore that was killed has put there meanwhile stays.
        """
        try:
            with self.engine.begin() as connection:
                connection.execute(text(f'DROP SCHEMA "{ASIDE}{stamp}"'))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != NOT_EMPTY:
                raise

    @contextmanager
    def _scratch_database(self, name: str):
        """A database that is there for as long as the block runs."""
        server = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            _drop_forgotten(connection)
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
        scratch = create_engine(self.engine.url.set(database=name), poolclass=NullPool)
        try:
            yield scratch
        finally:
            with server.connect() as connection:
                connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))  # a pooler may stay connected


def _lets_in(engine: Engine) -> bool:
    """Whether the server lets us into this database, too: lines of its pg_hba.conf may be for the site's only."""
    try:
        engine.connect().close()
    except OperationalError:
        return False
    return True


def _drop_forgotten(connection: Connection) -> None:
    """Drop the scratch databases of backups that were killed: those that are old by their names.

    Backups of other servers and sites may share this PostgreSQL, and no lock of ours reaches them all. One that
    takes so long is connected to its scratch database nearly all the time, and PostgreSQL drops none that somebody
    is connected to. Were it dropped in between, the trial would fail, be told and come again; no data is at risk.
    """
    before = f"{SCRATCH}{clock.now() - GONE_AFTER:{STAMP}}"
    for name in connection.scalars(_FORGOTTEN, {"before": before}).all():
        with suppress(DBAPIError):
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))


def be_alone(connection: Connection) -> None:
    """Raise StillInUse where somebody else stays connected: a site that runs would go on in the tables set aside.

    Who has just stopped is given a moment to be gone: the server ends its side of a connection a little later.
    """
    until = time.monotonic() + LEAVING_SECONDS
    while others := connection.scalar(_OTHERS, {"turn": database.SETTING_UP}):
        if time.monotonic() > until:
            raise StillInUse(
                f"The site's database is in use ({others} other connections): stop the site first, on each "
                "server, and a pooler between (PgBouncer), which stays connected."
            )
        time.sleep(0.05)
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))  # a transaction sees who was there at first


def look(connection: Connection) -> Copied:
    """What is in the database that the connection is to. Raises NotSetUp."""
    query = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema")
    tables = list(connection.scalars(query, {"schema": SCHEMA}))
    if VERSIONS not in tables:
        raise NotSetUp("The database has no tables: run `flask setup` first.")
    revision = connection.scalar(text(f"SELECT version_num FROM {SCHEMA}.{VERSIONS}"))  # noqa: S608
    counts = {
        table: connection.scalar(text(f'SELECT count(*) FROM {SCHEMA}."{table}"'))  # noqa: S608
        for table in filter(is_counted, tables)
    }
    return Copied(revision, counts)


def _is_not_allowed(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", "") == NOT_ALLOWED
