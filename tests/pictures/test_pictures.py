"""The pages of the documentation's pictures are there, whatever has changed since they were drawn."""

import pytest

from . import demo
from .__main__ import PICTURES, mail_html


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
