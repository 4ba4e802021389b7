"""The site as people run it, on both databases, and people who write to it all the time."""

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask

from clinic_app import create_app
from clinic_app.extensions import db

from .. import databases
from ..mail.servers import MailServer
from ..server import Server
from .stream import SETTINGS, open_all_hours


@dataclass
class Site:
    """A served site, and the application to look into its database with."""

    server: Server
    app: Flask
    database: str
    smtp: MailServer

    @contextmanager
    def looked_into(self):
        """The block runs in the application's context, with a session of its own."""
        with self.app.app_context():
            yield
            db.session.remove()


@contextmanager
def served(instance, kind: str, **settings):
    """A site that is served, its mail taken by a server of its own."""
    with ExitStack() as running:
        smtp = running.enter_context(MailServer())
        mail = {"mail_server": "127.0.0.1", "mail_port": smtp.port, "mail_security": "none"}
        server = running.enter_context(Server(instance, starter=False, **SETTINGS | mail | settings))
        app = create_app(instance=instance, environ=server.environ)
        with app.app_context():
            open_all_hours()
            running.callback(db.engine.dispose)
        yield Site(server, app, kind, smtp)


@pytest.fixture(scope="session", params=databases.KINDS)
def lasting_site(request, tmp_path_factory):
    """A site of two processes that all tests share which leave it running."""
    settings = {"module": "tests.hasty"} | databases.settings_on(request.param, request, "clinic_faults")
    with served(tmp_path_factory.mktemp("site") / "instance", request.param, workers=2, **settings) as site:
        yield site


@pytest.fixture
def site(lasting_site):
    """The shared site, looked into."""
    with lasting_site.looked_into():
        yield lasting_site
