"""How a database connection behaves, and the one way in which anything is written.

SQLite runs in WAL mode with foreign keys on and `synchronous=FULL`: what was acknowledged survives a power cut.
Its writers queue for one lock. A transaction that reads first and writes later may find that it cannot get
the lock any more (SQLITE_BUSY_SNAPSHOT, which no waiting mends), so writing transactions take it at their start.

Nobody waits for a lock without an end: a page a few seconds, of which a person should hear soon; a command longer.
"""

import sqlite3
import threading
import time
from contextlib import contextmanager, suppress
from functools import cache, wraps

from flask import has_request_context
from sqlalchemy import Engine, UniqueConstraint, event, func, make_url, select
from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError

from .extensions import db

PAGE_WAIT_MS = 5_000  # for a lock, while somebody looks at a page that loads
LOOK_SECONDS = 0.001  # between two looks at whether SQLite's lock is free
LOCK_WAIT_MS = 20_000  # for a lock, in commands and workers
READERS_WAIT_MS = 1_000  # for readers to end, where we could do without
POOL_SECONDS = 10  # for a connection, when all are in use
# Each is done by one at a time, on whatever server: the numbers of PostgreSQL's advisory locks for them.
PURGING, SETTING_UP, IMPORTING = 7_016_394_521, 7_016_394_522, 7_016_394_523

# SQLite's primary result codes (sqlite.org/rescode.html) for what its file or disk cannot do for now.
_FILE_TROUBLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR}
_TROUBLE = _FILE_TROUBLE | {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_READ_ONLY = "25006"  # PostgreSQL's read_only_sql_transaction: a standby, or a server set so
_UNDEFINED = {"42P01", "42703"}  # PostgreSQL's undefined_table and undefined_column
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's lock_not_available, after its lock_timeout
_writers = threading.RLock()  # see _turn_to_write
_REMAINS = "leaves_remains"  # in the session's info


def engine_options(url: str) -> dict:
    """What SQLAlchemy's engine is told.

    On PostgreSQL, connections that died with their server are noticed before a visitor meets them. What the
    address itself says of the network wins over ours. On SQLite there are connections enough that writers who
    wait for a lock keep no reader waiting.
    """
    quiet = {"hide_parameters": True}  # what is stored stands in no error
    if not url.startswith("postgresql"):
        return quiet | {"max_overflow": 100}
    from .postgresql import NETWORK  # its driver is loaded for sites on it only

    ours = {name: value for name, value in NETWORK.items() if name not in make_url(url).query}
    return quiet | {"pool_timeout": POOL_SECONDS, "pool_pre_ping": True, "connect_args": ours}


def configure(engine: Engine) -> None:
    """Attach what every connection needs."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    else:
        from . import postgresql

        postgresql.configure(engine)
        event.listen(engine, "begin", _on_begin_of_postgresql)
    event.listen(engine, "handle_error", _on_error)


def is_sqlite() -> bool:
    """Whether the site at hand keeps its data in SQLite (else in PostgreSQL)."""
    return db.engine.dialect.name == "sqlite"


def _on_connect(connection, _record) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    connection.execute(f"PRAGMA busy_timeout={_patience()}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what is deleted or changed is overwritten with zeros


def _on_begin(connection) -> None:
    if connection.get_execution_options().get("writes", False):
        _wait_for_lock(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _wait_for_lock(connection) -> None:
    """Begin with SQLite's lock, as soon as it is free.

    Told to wait, SQLite itself sleeps up to a tenth of a second between two looks. Meanwhile another process gives
    the lock from writer to writer, and the machine is idle.
    """
    driver, deadline = connection.connection.driver_connection, time.monotonic() + _patience() / 1000
    driver.execute("PRAGMA busy_timeout=0")
    while time.monotonic() < deadline and _is_taken(driver):
        time.sleep(LOOK_SECONDS)
    if not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the last look, whose error is SQLAlchemy's to tell
    driver.execute(f"PRAGMA busy_timeout={_patience()}")


def _is_taken(driver: sqlite3.Connection) -> bool:
    """Whether somebody else has SQLite's lock; else the transaction has begun, or cannot for another reason."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.DatabaseError as error:
        return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
    return False


def _on_begin_of_postgresql(connection) -> None:
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_patience()}")


def _patience() -> int:
    return PAGE_WAIT_MS if has_request_context() else LOCK_WAIT_MS


def _on_error(context) -> None:
    # A connection opened while the database was read-only or its disk gone stays so: open a new one.
    error = context.original_exception
    is_file_trouble = getattr(error, "sqlite_errorcode", 0) & 0xFF in _FILE_TROUBLE
    if is_file_trouble or getattr(error, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True


def is_out_of_service(error: BaseException) -> bool:
    """Whether the database cannot do its work for now: it is away, locked, full or read-only.

    The same request may succeed later. What is wrong with a statement or the schema is not meant.
    """
    if not isinstance(error, DBAPIError):
        return isinstance(error, TimeoutError)  # no connection was free
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _TROUBLE
    is_read_only = getattr(error.orig, "sqlstate", None) == _READ_ONLY
    return is_read_only or error.connection_invalidated or isinstance(error, OperationalError)


def is_kept_busy(error: DBAPIError) -> bool:
    """Whether somebody else had a lock for longer than we wait for one."""
    is_busy = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return is_busy or getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE


def is_damaged(error: BaseException) -> bool:
    """Whether a part of SQLite's file cannot be read any more. Statements that do without that part still work."""
    return getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def outage_in_words(error: DBAPIError) -> str:
    """Why no command and no server can work, and what to do; nothing for what is wrong with the program."""
    if is_damaged(error):
        return (
            f"The database is damaged: {error.orig}. Put the newest backup back, which keeps what is there aside: "
            "flask restore FILE --replace"
        )
    return f"The database does not answer. {error.orig}".strip() if isinstance(error, OperationalError) else ""


def lacks_migrations(error: DBAPIError) -> bool:
    """Whether a statement asked for a table or column that the database does not have."""
    is_undefined = str(error.orig).startswith(("no such table", "no such column"))  # SQLite has no code for it
    return is_undefined or getattr(error.orig, "sqlstate", None) in _UNDEFINED


@contextmanager
def transaction():
    """A writing transaction: commits at the end, rolls back on any exception, leaving no trace of the block.

    Ends the session's transaction, if one is open, first: objects read before are read again on use.
    Only edges (views, commands, workers) open one; domain code flushes.
    """
    db.session.rollback()
    db.session().info.pop(_REMAINS, None)
    with _turn_to_write():
        db.session.connection(execution_options={"writes": True})
        try:
            yield db.session
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        if db.session().info.pop(_REMAINS, False):
            _end_log()


def leave_no_remains() -> None:
    """Have what this transaction deletes, and what was deleted before it, be nowhere in SQLite's files once it is
    committed: its log holds what was there, and its file too, until somebody writes a thousand pages more.

    Where others read for longer than a moment, both go on holding it until the next time. PostgreSQL frees it when
    it vacuums.
    """
    db.session().info[_REMAINS] = is_sqlite()


def _end_log() -> None:
    """Where the file or its disk cannot for now, nobody hears of it: what was to be done is done."""
    with suppress(DBAPIError), db.engine.connect() as connection:  # which has begun no transaction
        driver = connection.connection.driver_connection
        driver.execute(f"PRAGMA busy_timeout={READERS_WAIT_MS}")
        with suppress(sqlite3.OperationalError):
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        driver.execute(f"PRAGMA busy_timeout={_patience()}")


def lock(row) -> None:
    """Wait for others who change this row to end, and read it afresh.

    Rows that merely refer to it need not wait (NO KEY UPDATE). Raises sqlalchemy.exc.InvalidRequestError where one
    of them has removed it.
    """
    db.session.refresh(row, with_for_update={"key_share": True})


def take_turn(number) -> None:
    """Wait until no other transaction has this turn, and keep it until ours ends.

    SQLite's writers queue anyway.
    """
    if not is_sqlite():
        db.session.execute(select(func.pg_advisory_xact_lock(number)))


def takes_turn(number) -> bool:
    """The same where no other transaction has it: whether that is so, without a wait."""
    return is_sqlite() or db.session.scalar(select(func.pg_try_advisory_xact_lock(number)))


def is_writing() -> bool:
    """Whether the session is in a `transaction`, and so may have written what nobody else sees yet."""
    return db.session().in_transaction() and db.session.connection().get_execution_options().get("writes", False)


@contextmanager
def _turn_to_write():
    """Let the writers of this process ask for SQLite's lock one by one: whoever waits for it sleeps between two
    looks, and could be passed over for long. After too long a wait a writer asks SQLite all the same, which gives
    the lock or refuses."""
    has_turn = is_sqlite() and _writers.acquire(timeout=_patience() / 1000)
    try:
        yield
    finally:
        if has_turn:
            _writers.release()


def upsert(model):
    """An INSERT that can say what to do on a conflict, for the database in use; the other's is not loaded."""
    if is_sqlite():
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert
    return insert(model)


def made_once(make):
    """Decorates a function that makes a statement for the database in use: it is called once for each database,
    and what it made is kept. Making a statement takes longer than executing it."""
    kept = cache(lambda _on_sqlite: make())
    return wraps(make)(lambda: kept(is_sqlite()))


def broken_rule(error: DBAPIError) -> str | None:
    """The name of the constraint, unique index or trigger whose rule a statement would have broken.

    Where the database does not say, or something else was wrong, it is None or nothing that a rule is called.
    SQLite names the columns of what is unique instead, so its name is looked up in the models.
    """
    if diagnosis := getattr(error.orig, "diag", None):
        return diagnosis.constraint_name
    rule, _, what = str(error.orig).partition(" constraint failed: ")
    if rule != "UNIQUE":
        return what or rule
    columns = set(what.split(", "))
    table = db.metadata.tables.get(what.partition(".")[0])
    for one in (*table.constraints, *table.indexes) if table is not None else ():
        is_unique = isinstance(one, UniqueConstraint) or getattr(one, "unique", False)
        if is_unique and {str(column) for column in one.columns} == columns:
            return str(one.name)
    return None
