"""PostgreSQL that does not answer: how long who waits for it, and what the network is told."""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from clinic_app import database, postgresql
from clinic_app.extensions import db

from .server import free_port, wait_for

pytestmark = pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)


def sleep(seconds: float):
    return db.session.scalar(text("SELECT 1 FROM pg_sleep(:seconds)"), {"seconds": seconds})


def test_a_request_waits_for_an_answer_as_long_as_it_may_and_the_next_one_is_answered(app, monkeypatch):
    monkeypatch.setattr(postgresql, "ANSWER_SECONDS", 0.2)
    db.session.remove()
    with app.test_request_context():
        with pytest.raises(OperationalError) as error:
            sleep(5)
        assert database.is_out_of_service(error.value)
        db.session.rollback()
        assert sleep(0) == 1


def test_what_is_no_request_waits(app, monkeypatch):
    monkeypatch.setattr(postgresql, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(postgresql.Connection, "patience", 0.2)
    db.session.remove()
    assert sleep(0.5) == 1


def test_a_request_gives_back_a_connection_with_its_own_patience(app):
    db.session.remove()
    with app.test_request_context():
        driver = db.session.connection().connection.driver_connection
    assert driver.patience == postgresql.ANSWER_SECONDS, "what was read is rolled back after the request"
    db.session.remove()
    assert driver.patience == postgresql.PING_SECONDS


def process_of_session() -> int:
    """The server's process for the connection that the session has."""
    return db.session.scalar(text("SELECT pg_backend_pid()"))


def end(process: int) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as another:
        another.execute(text("SELECT pg_terminate_backend(:process, 10000)"), {"process": process})


def test_a_page_that_has_been_made_is_sent_though_its_connection_was_lost_since(app):
    db.session.remove()
    with app.test_request_context():
        end(process_of_session())
        db.session.remove()  # as after each request
        assert sleep(0) == 1


def test_a_page_that_has_been_made_is_sent_though_the_server_hangs_since(app, monkeypatch):
    monkeypatch.setattr(postgresql, "PING_SECONDS", 0.2)
    db.session.remove()
    with app.test_request_context():
        process = process_of_session()
        os.kill(process, signal.SIGSTOP)
        try:
            db.session.remove()
        finally:
            os.kill(process, signal.SIGCONT)
        assert sleep(0) == 1


def test_who_writes_notices_nothing_of_a_connection_that_was_lost_since_something_was_read(app):
    db.session.remove()
    with app.test_request_context():
        end(process_of_session())
        with database.transaction():
            assert sleep(0) == 1


@pytest.mark.parametrize("refuses_too", [False, True], ids=["silent", "silent, then refusing"])
def test_while_the_server_lets_nobody_in_one_tries_and_the_others_hear_so_at_once(app, refuses_too):
    connector, name = postgresql.Connector(), db.engine.url.set(drivername="postgresql")

    def connect(*arguments, **options):
        return connector.connect(None, None, arguments, options)

    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor() as pool:
        ports = [silent.getsockname()[1], *([free_port()] if refuses_too else [])]
        hosts = ["127.0.0.1"] * len(ports)
        where = {"host": ",".join(hosts), "port": ",".join(map(str, ports)), "connect_timeout": 2}
        with pytest.raises(psycopg.OperationalError):
            connect(**where)
        trying = pool.submit(connect, **where)
        wait_for(lambda: connector._trying.locked() or trying.done(), "the other to try")
        with pytest.raises(psycopg.OperationalError, match="another thread is trying"):
            connect(**where)
        assert "another thread" not in str(trying.exception(60))
    for _ in range(2):
        connect(name.render_as_string(hide_password=False)).close()
    with connector._trying:
        connect(name.render_as_string(hide_password=False)).close()


def test_the_server_is_told_to_notice_a_machine_of_ours_that_is_gone(app):
    """By a socket of Unix, as here, it takes note of that and does nothing."""
    told = db.session.scalars(text("SELECT name FROM pg_settings WHERE source = 'session' AND name LIKE 'tcp%'"))
    keepalives = {f"tcp_keepalives_{name}" for name in ("count", "idle", "interval")}
    assert set(told) == {*keepalives, "tcp_user_timeout"}


def test_what_the_address_says_of_the_network_wins(app):
    url = "postgresql+psycopg://clinic@127.0.0.1/clinic?keepalives_idle=60&connect_timeout=9"
    told = database.engine_options(url)["connect_args"]
    assert told == {
        name: told[name] for name in postgresql.NETWORK if name not in ("keepalives_idle", "connect_timeout")
    }
