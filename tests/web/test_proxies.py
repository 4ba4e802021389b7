"""Whom the site believes about a visitor."""

import logging

import pytest
from werkzeug.test import EnvironBuilder

from clinic_app import create_app
from clinic_app.web.guards import client_address
from clinic_app.web.proxies import believed

FORGED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "elsewhere.example",
    "Forwarded": "for=203.0.113.9;host=elsewhere.example;proto=https",
}


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    return tmp_path_factory.mktemp("proxies")


@pytest.fixture
def site(instance):
    """A function: the site behind so many proxies, and what it makes of a visitor."""

    def make(proxies: int):
        app = create_app(instance=instance, environ={"CLINIC_TRUSTED_PROXIES": str(proxies)})

        @app.get("/who")
        def who():
            from flask import request

            return {"address": client_address(), "host": request.host, "secure": request.is_secure}

        return app.test_client()

    return make


def test_nobody_is_believed_while_no_proxy_is_trusted_and_the_log_says_so_once(site, caplog):
    client = site(0)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            seen = client.get("/who", headers=FORGED).json
    assert seen == {"address": "127.0.0.1", "host": "localhost", "secure": False}
    told = [record for record in caplog.records if "trusted_proxies" in record.getMessage()]
    assert len(told) == 1
    assert "203.0.113.9" not in told[0].getMessage()


def test_one_header_of_a_proxy_is_enough_to_warn_of(site, caplog):
    site(0).get("/who", headers={"X-Forwarded-For": "203.0.113.9"})
    assert "trusted_proxies" in caplog.text


def test_a_scheme_that_browsers_do_not_speak_is_not_believed():
    seen = []
    behind_one = believed(lambda environ, _: seen.append(environ["wsgi.url_scheme"]), 1)
    for scheme in ("https", "http", "javascript"):
        behind_one(EnvironBuilder(headers={"X-Forwarded-Proto": scheme}).get_environ(), None)
    assert seen == ["https", "http", "http"]


def test_who_asks_directly_is_not_warned_of(site, caplog):
    client = site(0)
    client.get("/who")
    assert not caplog.records


def test_a_trusted_proxy_is_believed_and_only_the_last_of_what_it_adds_to(site):
    client = site(1)
    asked = {**FORGED, "X-Forwarded-For": "198.51.100.1, 203.0.113.9"}  # the first was sent by the visitor
    assert client.get("/who", headers=asked).json == {
        "address": "203.0.113.9",
        "host": "elsewhere.example",
        "secure": True,
    }


def test_behind_a_cdn_and_a_proxy_the_visitor_is_told_by_both_and_the_scheme_and_host_by_the_nearest(site):
    """As nginx passes them on by the README's lines: it adds to the addresses, and sets the others itself."""
    told = {
        "X-Forwarded-For": "192.0.2.7, 203.0.113.9, 198.51.100.1",  # sent by the visitor, who it is, the CDN
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "www.riverside.example",
    }
    answer = site(2).get("/who", headers=told)
    assert answer.json == {"address": "203.0.113.9", "host": "www.riverside.example", "secure": True}
    assert "Strict-Transport-Security" in answer.headers


@pytest.mark.parametrize("host", ["a b", "<i>", "x" * 300, "a/b", "user@host", "host:port", "hostile\\.example"])
def test_what_cannot_be_a_host_is_refused_from_visitors_and_proxies_alike(site, host):
    client = site(1)
    assert client.get("/", headers={"Host": host}).status_code == 400
    assert client.get("/", headers={"X-Forwarded-Host": host}).status_code == 400


@pytest.mark.parametrize("scheme", ["javascript", "", "HTTPS", "https, http", "x" * 1000, "://"])
def test_a_scheme_is_http_or_https(site, scheme):
    answer = site(1).get("/who", headers={"X-Forwarded-Proto": scheme})
    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers


@pytest.mark.parametrize("path", ["/contact/", "///contact//", "/blog/"])
def test_a_forged_host_leads_nowhere(site, path):
    asked = {"PATH_INFO": path}  # as it is: the test client takes `//` for the beginning of a host
    answer = site(0).get("/", environ_overrides=asked, headers={"Host": "elsewhere.example"})
    assert answer.status_code == 308
    assert answer.location == "/" + path.strip("/")
