"""Visitors' pages are made a few at a time in each process, in the order in which they were asked for.

One interpreter makes them all: threads that make pages at once only take it from each other, and who is passed
over again and again waits several times as long as the others. SQLite works within the interpreter. PostgreSQL is
another process, for which some wait in between: there more are made at once.

Forms that are sent and the staff area take none either: they may wait for locks, slow networks and large files,
for which no page should.
"""

import threading
from collections import deque

from flask import Flask

from .. import database
from ..paths import is_staffs

ON_SQLITE, ON_POSTGRESQL = 2, 4  # pages at once
PATIENCE_SECONDS = 1.0  # then a page is made out of turn: whatever holds the others may hold them for long


class Line:
    """Lets so many in at once, the others in their order as those leave."""

    def __init__(self, at_once: int, *, patience: float = PATIENCE_SECONDS):
        self._free = at_once
        self._patience = patience
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    def enter(self) -> bool:
        """Wait for a turn. False where patience ended before one came; who got none must not `leave`."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=self._patience):
            return True
        with self._lock:
            if turn not in self._waiting:  # it has just been given
                return True
            self._waiting.remove(turn)
            return False

    def leave(self) -> None:
        """Give the turn to whoever waits longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


class PagesInLine:
    """WSGI middleware: has visitors' pages made in line."""

    def __init__(self, wsgi_app, line: Line):
        self._wsgi_app = wsgi_app
        self._line = line

    def __call__(self, environ, start_response):
        is_page = environ["REQUEST_METHOD"] in ("GET", "HEAD") and not is_staffs(environ["PATH_INFO"])
        has_turn = is_page and self._line.enter()
        try:
            return self._wsgi_app(environ, start_response)
        finally:
            if has_turn:
                self._line.leave()


def init_app(app: Flask) -> None:
    """Have pages made in line. To stand right before the application, behind what is ready."""
    with app.app_context():
        line = Line(ON_SQLITE if database.is_sqlite() else ON_POSTGRESQL)
    app.wsgi_app = PagesInLine(app.wsgi_app, line)
