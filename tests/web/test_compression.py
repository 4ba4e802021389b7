"""Pages go out compressed to those who can read it; staff's do not."""

import gzip

import brotli
import pytest


@pytest.mark.parametrize(("coding", "unpack"), (("br", brotli.decompress), ("gzip", gzip.decompress)))
def test_visitors_pages_are_compressed(client, coding, unpack):
    plain = client.get("/privacy")
    packed = client.get("/privacy", headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert unpack(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Content-Encoding" not in plain.headers


def test_error_pages_and_forms_that_come_back_are_whole(client):
    assert "We can’t find" in client.get("/nothing", headers={"Accept-Encoding": "br"}).text
    sent = client.post("/contact", headers={"Accept-Encoding": "br"})
    assert b"There is a problem" in brotli.decompress(sent.data)


def test_staffs_pages_are_not(client):
    page = client.get("/staff", headers={"Accept-Encoding": "br"}, follow_redirects=True)
    assert page.status_code == 200
    assert "Content-Encoding" not in page.headers
