"""Which Host headers are let in."""

import pytest

from clinic_app.web.hosts import LONGEST, HostCheck

LONG = "a." * (LONGEST // 2 - 1) + "au"


def answer_to(environ: dict) -> str:
    said = []
    HostCheck(lambda _environ, start: start("200 OK", []) or [])(environ, lambda status, _: said.append(status))
    return said[0]


@pytest.mark.parametrize("host", ["clinic.example", "clinic.example.:8000", "127.0.0.1", "[::1]:8000", LONG])
def test_a_host_is_let_in(host):
    assert answer_to({"HTTP_HOST": host}) == "200 OK"


@pytest.mark.parametrize("environ", [{}, {"HTTP_HOST": ""}])
def test_who_names_no_host_is_let_in_as_the_oldest_clients_name_none(environ):
    assert answer_to(environ) == "200 OK"


@pytest.mark.parametrize("host", ["clinic.example/x", "a b", "a@b", "clinic.example:1:2", "a..b", f"a{LONG}"])
def test_what_is_no_host_or_too_long_for_one_is_refused(host):
    assert answer_to({"HTTP_HOST": host}) == "400 Bad Request"
