"""Connections and transactions."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from clinic_app import database
from clinic_app.extensions import db


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
