"""Connections to a PostgreSQL server that may stop answering: it hangs, or its machine has died.

The network tells of a machine that is gone (`NETWORK`), but not of a server that hangs on one that lives. There a
request waits so long for each answer, and takes the server for away. Commands and workers wait: what they ask may
take as long as it likes.
"""

import threading
from time import monotonic

import psycopg
from flask import has_request_context
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

ANSWER_SECONDS = 30  # for each statement of a request; a slow page takes less than a hundredth of it
PROMPT_SECONDS = 1  # in which a server that refuses has said so
PING_SECONDS = 5  # for what needs no work: the pool's question whether a connection still lives, and a rollback
# What libpq is told, in seconds but for the last (Linux), in milliseconds.
NETWORK = {
    "connect_timeout": 5,  # for a server that does not answer at all
    "keepalives_idle": 5,  # until a machine that owes an answer is asked whether it is there
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # until a network that swallows everything is an error
}
# The server is told the same of us: else it keeps for two hours what a machine of ours that died had locked.
_OF_SERVER = (
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; "
    "SET tcp_user_timeout = 10000"
)


class Connection(psycopg.Connection):
    """A connection whose server has `patience` seconds for each answer; None is for ever."""

    patience: float | None = PING_SECONDS  # while nobody has it, it is only asked whether it lives

    def wait(self, gen, interval=0.1, timeout=None):
        """The driver's way to wait, whatever for; afterwards, where that was in vain, the connection is closed."""
        try:
            return super().wait(gen, interval, timeout or self.patience)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # its answer would pass for that to the next question
            raise

    def rollback(self):
        """Never an error: what a lost connection had begun has ended with it.

        A request's reads are rolled back when its page has been made, which shall be sent. Whoever is given the
        connection next asks whether it lives.
        """
        patience, self.patience = self.patience, PING_SECONDS
        try:
            super().rollback()
        except psycopg.OperationalError:
            self.close()
        finally:
            self.patience = patience


def configure(engine: Engine) -> None:
    """Have the engine open connections of ours, and give each as much patience as who has it may have."""
    event.listen(engine, "do_connect", Connector().connect)
    event.listen(engine, "checkout", _on_checkout)
    event.listen(engine, "checkin", _on_checkin)


def _on_checkout(connection: Connection, _record, _fairy) -> None:
    connection.patience = ANSWER_SECONDS if has_request_context() else None


def _on_checkin(connection: Connection | None, _record) -> None:
    if connection is not None:  # else it was lost
        connection.patience = PING_SECONDS


class Connector:
    """Opens an engine's connections.

    While the server lets nobody in and refuses nobody, one thread tries at a time, and others are refused here.
    Otherwise all threads of the process would soon wait, and none be left for what needs no database.
    """

    def __init__(self):
        self._is_silent = False
        self._trying = threading.Lock()

    def connect(self, _dialect, _record, arguments, options) -> Connection:
        """For SQLAlchemy's event `do_connect`. Raises psycopg.OperationalError."""
        if not self._is_silent:
            return self._tried(arguments, options)
        if not self._trying.acquire(blocking=False):
            raise psycopg.OperationalError("the server does not answer; another thread is trying")
        try:
            return self._tried(arguments, options)
        finally:
            self._trying.release()

    def _tried(self, arguments, options) -> Connection:
        began = monotonic()
        try:
            connection = Connection.connect(*arguments, **options)
            connection.execute(_OF_SERVER)
            connection.commit()
        except psycopg.OperationalError:
            # The error is that of the last address of several, of which another may have kept us waiting.
            self._is_silent = monotonic() - began > PROMPT_SECONDS
            raise
        self._is_silent = False
        return connection
