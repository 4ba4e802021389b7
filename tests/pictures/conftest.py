"""The demo's site, set up once."""

import pytest
import time_machine

from clinic_app.extensions import db
from tests.client import Client

from . import demo
from .__main__ import site


@pytest.fixture(scope="package")
def demo_site(tmp_path_factory):
    with time_machine.travel(demo.NOW):
        app = site(tmp_path_factory.mktemp("demo"))
        app.test_client_class = Client
        yield app
    with app.app_context():
        db.engine.dispose()
