"""A mail server, the settings that point to it, and mails to send."""

import threading

import pytest
from sqlalchemy import inspect, select, text

from clinic_app import clock, database
from clinic_app.extensions import db
from clinic_app.mail import outbox
from clinic_app.mail.models import OutboxMail
from clinic_app.mail.worker import Worker

from .servers import MailServer


@pytest.fixture
def use_server(with_settings):
    """Points the settings at a server on this machine."""

    def use(server, **changes):
        plain = {"mail_server": "localhost", "mail_port": server.port, "mail_security": "none"}
        with_settings(**plain | changes)
        return server

    return use


@pytest.fixture
def server(use_server):
    """A mail server that the settings point to."""
    with MailServer() as server:
        yield use_server(server)


@pytest.fixture
def worker(app):
    """A worker to run by hand; where a server never answers, a test gives it a shorter `timeout`."""
    worker = Worker(app)
    yield worker
    worker.stop()


@pytest.fixture
def queue(app):
    """Queues test mails, commits, and gives their numbers: `queue("kit@example.org")`."""

    def enqueue(*addresses, event="test:1", **given):
        with database.transaction():
            given.setdefault("context", {"sent_at": clock.now()})
            return [outbox.enqueue("test", to=address, event=event, **given) for address in addresses]

    return enqueue


@pytest.fixture
def mails(app):
    """Reads the outbox afresh: all its rows by address."""

    def read():
        db.session.rollback()
        return {mail.to_address: mail for mail in db.session.scalars(select(OutboxMail))}

    return read


@pytest.fixture
def mail_at(mails):
    """Reads one row afresh."""
    return lambda address: mails()[address]


class HiddenTable:
    """The outbox's table, put away for a while as if the database were broken."""

    def hide(self):
        self._rename("mail_outbox", "mail_outbox_away")

    def show(self):
        self._rename("mail_outbox_away", "mail_outbox")

    def _rename(self, old, new):
        with self.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    @staticmethod
    def event_on(target, method) -> threading.Event:
        """Set once the target's method has been called."""
        called, original = threading.Event(), getattr(target, method)

        def wrapped(*args):
            original(*args)
            called.set()

        setattr(target, method, wrapped)
        return called


@pytest.fixture
def hidden_table(app):
    table = HiddenTable()
    table.engine = db.engine
    yield table
    if "mail_outbox_away" in inspect(db.engine).get_table_names():
        table.show()
