"""Somebody else who writes at the same time, and comes to a lock of PostgreSQL's that the test holds."""

from threading import Thread

import pytest
from sqlalchemy import text

from clinic_app.extensions import db

from .server import wait_for

ON_POSTGRESQL = pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def is_waited_for() -> bool:
    with db.engine.connect() as connection:
        return connection.scalar(WAITING) > 0


def begin(app, work) -> Thread:
    """Have somebody else do this, until they end or wait for a lock."""

    def do() -> None:
        with app.app_context():
            work()

    other = Thread(target=do)
    other.start()
    wait_for(lambda: is_waited_for() or not other.is_alive(), "the other to come to the lock")
    return other
