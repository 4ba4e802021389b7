"""Connections and transactions."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from clinic_app import clock, database
from clinic_app.extensions import db
from clinic_app.retention.models import Purge


@pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)
def test_a_connection_that_cannot_write_any_more_is_replaced(app):
    def write():
        with database.transaction():
            db.session.execute(text("DELETE FROM rate_limit_counts"))

    db.engine.dispose()  # so that the pool has one connection
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA query_only=ON")  # as when the file was read-only when it was opened
        connection.exec_driver_sql("BEGIN")
    with pytest.raises(OperationalError, match="readonly"):
        write()
    write()


def test_what_fails_leaves_no_trace(app):
    with pytest.raises(RuntimeError), database.transaction():
        db.session.execute(
            text("INSERT INTO rate_limit_counts VALUES ('k', 1, :at)"), {"at": "2026-11-23 00:00:00"}
        )
        raise RuntimeError
    assert db.session.scalar(text("SELECT count(*) FROM rate_limit_counts")) == 0


def test_a_command_waits_for_a_lock_as_long_as_it_may_and_ends_in_words(app, monkeypatch):
    monkeypatch.setattr(database, "LOCK_WAIT_MS", 1_000)
    at_work = {"id": 1, "started_at": clock.now(), "finished_at": clock.now(), "counts": {}, "places": {}}
    with db.engine.connect().execution_options(writes=True) as another:
        another.execute(Purge.__table__.insert().values(at_work))
        done = app.test_cli_runner().invoke(args=["purge", "--really"])
    assert done.exit_code == 1
    assert "Somebody else kept the database busy for 1 seconds" in done.output
    assert app.test_cli_runner().invoke(args=["purge", "--really"]).exit_code == 0
