"""The pages of the documentation's pictures are there, whatever has changed since they were drawn."""

import pytest
import time_machine

from clinic_app.extensions import db
from tests.client import Client

from . import demo
from .__main__ import PICTURES, mail_html, site


@pytest.fixture(scope="module")
def demo_site(tmp_path_factory):
    with time_machine.travel(demo.NOW):
        app = site(tmp_path_factory.mktemp("demo"))
        app.test_client_class = Client
        yield app
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_shows_something(demo_site, picture):
    kind, _, rest = picture.path.partition(":")
    if kind == "mail":
        assert "<h1" in mail_html(demo_site, rest)
        return
    client = demo_site.test_client()
    if picture.role:
        client.set_cookie(*demo.cookie_of(demo_site, picture.role).values())
    assert client.get(picture.path.format(**demo.addresses(demo_site))).status_code == 200
