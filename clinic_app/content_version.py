"""Which version of its content the site shows: a number, which each request for a kept page looks up.

It changes with posts, testimonials, services, practitioners, hours, closures, and with appointments, on which the
next free times depend. Triggers of the database change it (migration 0021) in the transaction of what is written.
So no writer can forget to, on whatever server: a page, a command, plain SQL, a bulk statement.
"""

import select
import threading
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar

from flask import Flask, current_app, has_request_context, request
from sqlalchemy import BigInteger, CheckConstraint, Engine, text
from sqlalchemy.orm import Mapped, mapped_column

from . import database
from .extensions import db

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

LOOKED = "clinic.content_version"  # where a request's first look stands in its environ
QUERY = "SELECT version FROM content_version"
ANSWER_MS = 5_000  # that PostgreSQL has for a look's answer
# (the number of the connection that saw it, the version). What another connection saw is another version:
# meanwhile the server may have been put back to an older state, which gives the same numbers again.
Version = tuple[int, int]
T = TypeVar("T")


class ContentVersion(db.Model):
    """The only row of its table."""

    __tablename__ = "content_version"
    __table_args__ = (CheckConstraint("id = 1", "content_has_one_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class Look:
    """One look at the version: what was `seen` is told to all who wait for it."""

    def __init__(self):
        self.seen: Version | None = None
        self._taken, self._over = threading.Lock(), threading.Lock()
        self._over.acquire()

    def take(self) -> bool:
        """Whether it is the caller's to make: the first one's."""
        return self._taken.acquire(blocking=False)

    def end(self) -> None:
        self._over.release()

    def told(self) -> Version | None:
        """What was seen, once it is over."""
        with self._over:
            return self.seen


class Watch:
    """Looks the version up, by one statement on a connection that is kept for this and used for nothing else.

    A session's query would do, but takes ten times as long, which a page that is ready would mostly wait for.
    The connection commits each statement by itself, so it sees what was committed up to then, and holds nothing.
    Threads that ask while one looks share the next look: the first of them makes it, the others wait for what it
    sees. Plain locks are enough for that, and where pages are ready, waking threads is what costs the most. While
    the database is away, one thread at a time looks whether it is back; the others do not wait for that.
    """

    def __init__(self, engine: Engine):
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._pool = engine.pool.recreate()  # in the engine's own, requests may hold all connections
        self._turn = threading.Lock()  # of who looks
        self._is_away = False
        self._next = Look()  # which has not begun
        self._connections = 0
        self._connection, self._ask = None, None

    def look(self) -> Version | None:
        """The version now, by a look that begins after this call. None where the database does not answer."""
        if self._is_away and self._turn.locked():
            return None
        look = self._next
        if not look.take():
            return look.told()
        try:
            with self._turn:
                self._next = Look()
                look.seen = self._looked()
                self._is_away = look.seen is None
        finally:
            if self._next is look:  # whatever broke off the wait for a turn
                self._next = Look()
            look.end()
        return look.seen

    def close(self) -> None:
        """Give the connection up; the next look opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _looked(self) -> Version | None:
        for _ in range(1 if self._connection is None else 2):  # it may have died since the last look
            try:
                return self._asked()
            except Exception as error:  # each driver has its own; whatever it is, the connection is of no use now
                self.close()
                if isinstance(error, TimeoutError):
                    break  # those who wait for this look have waited long enough
        return None

    def _asked(self) -> Version:
        if self._connection is None:
            self._connect()
        return self._connections, self._ask()

    def _connect(self) -> None:
        """Open the connection, and make what asks it for the number in the quickest way that its driver has."""
        pooled = self._pool.connect()
        pooled.detach()  # from the pool, which would want it back
        self._connection = pooled.dbapi_connection
        self._connections += 1
        if self._is_sqlite:
            cursor = self._connection.cursor()
            self._ask = lambda: cursor.execute(QUERY).fetchall()[0][0]
        else:
            self._connection.autocommit = True
            self._ask = _prepared(self._connection.pgconn)


def _prepared(connection: "PGconn") -> Callable[[], int]:
    """By libpq itself, which takes half of what a cursor does. An error gives a number of nothing: TypeError."""
    socket = select.poll()
    socket.register(connection.socket, select.POLLIN)

    def ask() -> int:
        connection.send_query_prepared(b"look", [])
        return int(_answer(connection, socket).get_value(0, 0))

    connection.send_prepare(b"look", QUERY.encode())
    _answer(connection, socket)
    return ask


def _answer(connection: "PGconn", socket: select.poll) -> "PGresult":
    """What the server answers to what was sent. Raises TimeoutError where it does not: all pages wait for a look.

    libpq's functions that ask and wait in one would wait without an end.
    """
    while connection.is_busy():
        if not socket.poll(ANSWER_MS):
            raise TimeoutError
        connection.consume_input()
    answer = connection.get_result()
    while connection.get_result():
        pass  # until there is nothing more, which lets the next question be sent
    return answer


def init_app(app: Flask) -> None:
    """Let the application look its version up."""
    with app.app_context():
        app.extensions["content_version"] = Watch(db.engine)
    app.extensions["kept_content"] = None, None, {}


def look() -> Version | None:
    """The version now; None where the database does not answer. At most one statement."""
    return current_app.extensions["content_version"].look()


def of_request() -> Version | None:
    """The version as this request first saw it: it looks once. Without a request, the version now."""
    if not has_request_context():
        return look()
    if LOOKED not in request.environ:
        request.environ[LOOKED] = look()
    return request.environ[LOOKED]


def kept(key: Hashable, read: Callable[[], T]) -> T:
    """What `read` reads of the content, once for each version and key; all requests of the process share it.

    So nobody may change what it gives, and it holds no object of a session. `key` tells what is read, and what it
    depends on beside content and settings, such as the day. It stays until the content changes, so keys are few.
    A transaction that writes reads for itself.
    """
    if database.is_writing():
        return read()
    version, clinic = of_request(), current_app.config["CLINIC"]
    of, under, found = current_app.extensions["kept_content"]
    if of != version or under is not clinic:
        found = {}
    if key not in found:
        value = read()
        if not version or not is_seen(version):
            return value
        found[key] = value
        current_app.extensions["kept_content"] = version, clinic, found
    return found[key]


def is_seen(version: Version) -> bool:
    """Whether the session sees the content of this version: its transaction may have begun before."""
    return db.session.scalar(text(QUERY)) == version[1]
