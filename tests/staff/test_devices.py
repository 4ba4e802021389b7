"""Who guesses at a member's account elsewhere does not lock them out of the browser that they use."""

import pytest

from .conftest import PASSWORD, browser, new_member
from .signing import code, is_signed_in, set_up_app, sign_in
from .test_throttle import WRONG, from_address

KNOWN = "__Host-known"


@pytest.fixture(autouse=True)
def limits(with_settings):
    with_settings(rate_limits="on", sign_in_limit="3 per 10 minutes")


def used_before(app, member, address: str = "192.0.2.200"):
    """A browser in which the member has signed in, and out again."""
    there = from_address(app, address)
    assert sign_in(there, member.email).status_code == 302
    there.post("/staff/sign-out")
    return there


def lock(app, email: str, address: str = "192.0.2.{}") -> None:
    for number in range(4):
        sign_in(from_address(app, address.format(number)), email, WRONG)
    assert sign_in(from_address(app, "192.0.2.99"), email).status_code == 429


def test_a_browser_used_before_lets_its_member_in_while_strangers_are_kept_out(app, casey):
    there = used_before(app, casey)
    lock(app, casey.email)
    assert sign_in(there, casey.email).status_code == 302
    assert is_signed_in(there)


def test_it_does_so_in_a_network_from_which_somebody_has_guessed(app, casey):
    there = used_before(app, casey, "192.0.2.7")
    lock(app, casey.email, "192.0.2.7")
    assert sign_in(there, casey.email).status_code == 302


def test_a_browser_used_before_has_no_more_tries_than_others(app, casey):
    there = used_before(app, casey)
    assert [sign_in(there, casey.email, WRONG).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert sign_in(there, casey.email).status_code == 429


def test_a_browser_of_one_member_is_a_strangers_to_another(app, casey):
    there = used_before(app, casey)
    other = new_member("editor")
    lock(app, other.email)
    assert sign_in(there, other.email).status_code == 429


def test_members_who_share_a_browser_are_known_in_it(app, casey):
    other = new_member("editor")
    there = used_before(app, casey)
    assert sign_in(there, other.email).status_code == 302
    there.post("/staff/sign-out")
    for email in (casey.email, other.email):
        lock(app, email, "198.51.100.{}")
        assert sign_in(there, email).status_code == 302
        there.post("/staff/sign-out")


@pytest.mark.parametrize("forged", ["", "x", "e30.x.y", "\u00ff", "." * 3000])
def test_a_forged_cookie_makes_no_browser_known(app, casey, forged):
    there = from_address(app, "192.0.2.200")
    there.set_cookie(KNOWN, forged)
    lock(app, casey.email)
    assert sign_in(there, casey.email).status_code == 429


def test_a_password_without_the_second_step_makes_no_browser_known(app, casey):
    secret = set_up_app(casey)
    there = browser(app)
    assert "known" not in str(sign_in(there, casey.email).headers.getlist("Set-Cookie"))
    answer = there.post("/staff/sign-in/code", data={"code": code(secret)})
    assert f"{KNOWN}=" in str(answer.headers.getlist("Set-Cookie"))


def test_the_cookie_names_nobody_and_is_hidden_from_scripts(app, casey):
    answer = sign_in(browser(app), casey.email, PASSWORD)
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith(f"{KNOWN}=")]
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "casey" not in cookie
    assert "Domain" not in cookie
