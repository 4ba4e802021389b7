"""Signing in by password, and choosing a new one."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, event, select
from sqlalchemy.exc import OperationalError

from clinic_app import clock, database
from clinic_app.accounts.models import AuditEntry, Member, SignIn
from clinic_app.extensions import db
from clinic_app.mail import chores
from tests.reading import parsed

from .conftest import PASSWORD, browser, new_member
from .signing import is_signed_in, sign_in


def actions() -> list[tuple[str, str]]:
    db.session.rollback()
    return [(e.by, e.action) for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_member_signs_in_and_out(there, casey):
    answer = sign_in(there, " Casey@Clinic.Example ")
    assert (answer.status_code, answer.location) == (302, "/staff")
    assert is_signed_in(there)
    assert there.get("/staff/sign-in").location == "/staff", "who is signed in needs no form"
    assert there.post("/staff/sign-out").location == "/staff/sign-in"
    assert not is_signed_in(there)
    assert actions() == [("Casey Invented", "signed in"), ("Casey Invented", "signed out")]
    assert db.session.scalar(select(Member.last_seen_at))


def test_a_sign_in_for_which_the_disk_has_no_room_is_told_as_an_outage(app, there, casey, monkeypatch):
    def refuse(session):
        if session.scalar(select(SignIn.id)):
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    event.listen(db.session, "before_commit", refuse)
    try:
        answer = sign_in(there, casey.email)
    finally:
        event.remove(db.session, "before_commit", refuse)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "Content-Security-Policy" in answer.headers
    assert PASSWORD not in answer.text
    assert not is_signed_in(there)
    sign_in(there, casey.email)
    assert is_signed_in(there)


@pytest.mark.parametrize(
    "typed",
    [
        ("casey@clinic.example", "wrong"),
        ("kit@clinic.example", PASSWORD),
        ("no address", PASSWORD),
        ("gone@clinic.example", PASSWORD),
        ("invited@clinic.example", PASSWORD),
        ("casey@clinic.example\0", PASSWORD),
    ],
)
def test_whatever_is_wrong_is_told_the_same_way(there, casey, typed):
    new_member("editor", email="gone@clinic.example", active=False)
    new_member("editor", email="invited@clinic.example", password=None)
    answer = sign_in(there, *typed)
    assert answer.status_code == 200
    assert "<title>Error: Sign in" in answer.text
    assert answer.text.count("The email address or the password is not right") == 1
    assert not is_signed_in(there)


def test_failing_at_an_account_is_in_the_trail(there, casey):
    sign_in(there, "casey@clinic.example", "wrong")
    sign_in(there, "kit@clinic.example", "wrong")
    assert actions() == [("somebody", "failed to sign in as")]
    assert db.session.scalars(select(AuditEntry)).one().about_id == casey.id


def test_an_empty_form_says_what_is_missing(there):
    page = parsed(there.post("/staff/sign-in", data={"email": "", "password": ""}).text)
    summary = page.find(attrs={"data-error-summary": True})
    linked = [(a["href"], a.text) for a in summary.find_all("a")]
    assert linked == [("#email", "Enter your email address"), ("#password", "Enter your password")]
    assert page.find(id="email-error").text == "Error: Enter your email address"
    assert page.find(id="password-error").text == "Error: Enter your password"


def test_each_sign_in_has_a_token_of_its_own_and_ends_the_one_before(app, there, casey):
    def token():
        with there.session_transaction("/staff") as session:
            return session["sign_in"]

    sign_in(there, casey.email)
    first = token()
    with there.session_transaction("/staff") as session:
        session["planted"] = "by someone else"
        session.pop("_user_id")
    sign_in(there, casey.email)
    assert token() != first
    db.session.rollback()
    assert len(db.session.scalars(select(SignIn)).all()) == 1


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/staff/figures?weeks=8", "/staff/figures?weeks=8"),
        ("https://evil.example/", "/staff"),
        ("//evil.example/", "/staff"),
        ("///evil.example/", "/staff"),
        ("/\\evil.example/", "/%5Cevil.example/"),
        ("\\\\evil.example/", None),
        ("https:evil.example", "/staff"),
        ("javascript:alert(1)", "/staff"),
        ("http://localhost@evil.example/", "/staff"),
        (" //evil.example/", None),
        ("\t//evil.example/", None),
        ("%2F%2Fevil.example", None),
    ],
)
def test_after_signing_in_a_member_stays_on_this_site(app, casey, asked, led_to):
    from urllib.parse import quote, urljoin, urlsplit

    for sent_as in ("query", "field"):
        there = browser(app)
        data = {"email": casey.email, "password": PASSWORD}
        path = "/staff/sign-in"
        if sent_as == "query":
            path += "?next=" + quote(asked, safe="")
        else:
            data["next"] = asked
        answer = there.post(path, data=data)
        if answer.status_code == 200:  # the form came back
            continue
        if led_to:
            assert answer.location == led_to
        seen_by_browser = answer.location.strip(" \t\n").replace("\\", "/")
        assert urlsplit(urljoin("http://localhost/staff/sign-in", seen_by_browser)).netloc == "localhost"


def test_what_flask_security_could_do_besides_is_off(there, casey):
    assert there.get("/fs-static/js/webauthn.js").status_code == 404
    assert there.get("/staff/sign-in/help").status_code == 404
    assert there.post("/staff/sign-in", json={"email": casey.email, "password": PASSWORD}).status_code == 400
    assert there.post("/staff/sign-in", json=[1]).status_code == 400
    answer = there.get("/staff/sign-in", headers={"Accept": "application/json"})
    assert answer.mimetype == "text/html"
    token = casey.get_auth_token()
    assert there.get("/staff", headers={"Authentication-Token": token}).status_code == 302
    assert there.get(f"/staff?auth_token={token}").status_code == 302
    answer = there.post("/staff/sign-in", data={"email": casey.email, "password": PASSWORD, "remember": "y"})
    assert "remember" not in str(answer.headers.getlist("Set-Cookie"))


def test_the_cookie_is_for_this_host_and_hidden_from_scripts(app, casey):
    cookies = sign_in(browser(app), casey.email).headers.getlist("Set-Cookie")
    (cookie,) = [cookie for cookie in cookies if cookie.startswith("__Host-staff=")]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_a_member_who_is_deactivated_meanwhile_is_not_let_in(there, casey):
    sign_in(there, casey.email)
    with database.transaction():
        db.session.merge(casey).active = False
    assert not is_signed_in(there)


# Flask-Security's features that are off, by what their messages begin with or hold.
OFF = (
    *("CONFIRM", "LOGIN_", "US_", "USERNAME", "CHANGE_EMAIL", "OAUTH", "PHONE", "REFRESH_TOKEN", "IDENTITY"),
    *("FAILED_TO_SEND", "USE_CODE", "ALREADY_CONFIRMED", "PASSWORDLESS", "PASSWORD_BREACHED", "EMAIL_CONFIRMED"),
    *("EMAIL_ALREADY", "INVALID_CONFIRMATION", "INVALID_LOGIN", "INVALID_PASSWORD_CODE", "GENERIC_US", "CODE_HAS"),
)


def test_every_message_is_in_our_own_words(app):
    from flask_security.core import _default_messages

    theirs = {
        key
        for key, message in _default_messages.items()
        if app.config[f"SECURITY_MSG_{key}"] == message and not key.startswith(OFF)
    }
    assert theirs == set()


def test_sessions_that_nobody_uses_are_forgotten_by_the_worker(app, there, casey):
    sign_in(there, casey.email)
    chores.do_all(app)
    db.session.rollback()
    assert db.session.scalars(select(SignIn)).all()
    with time_machine.travel(clock.now() + timedelta(hours=13), tick=False):
        chores.do_all(app)
    db.session.rollback()
    assert not db.session.scalars(select(SignIn)).all()


@pytest.mark.parametrize("behind", [timedelta(seconds=2), timedelta(hours=1)])
def test_by_a_clock_that_is_behind_who_has_signed_in_stays_so(there, casey, behind):
    """As on another server, or after a clock was set back."""
    sign_in(there, casey.email)
    with time_machine.travel(clock.now() - behind):
        assert is_signed_in(there)
        there.get("/staff/sign-in")
    assert is_signed_in(there)


def test_a_sign_in_by_a_clock_that_was_far_ahead_ends_as_others_do(app, there, casey):
    with time_machine.travel(clock.now() + timedelta(days=365)):
        sign_in(there, casey.email)
    assert not is_signed_in(there)
    chores.do_all(app)
    db.session.rollback()
    assert not db.session.scalars(select(SignIn)).all()


def test_one_by_a_clock_that_was_a_little_ahead_is_seen_by_the_right_one(there, casey):
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        sign_in(there, casey.email)
    assert is_signed_in(there)
    db.session.rollback()
    assert db.session.scalars(select(SignIn)).one().last_seen_at <= clock.now()


def test_a_session_that_is_ended_while_its_page_is_asked_for_fails_nothing(app, there, casey, monkeypatch):
    sign_in(there, casey.email)
    db.session.rollback()
    here = db.session.scalars(select(SignIn.id)).one()
    sign_in(browser(app), casey.email)
    really = database.transaction

    def ended_first():
        with really():
            db.session.execute(delete(SignIn).filter_by(id=here))
        return really()

    with time_machine.travel(clock.now() + timedelta(hours=1)):
        monkeypatch.setattr(database, "transaction", ended_first)
        assert there.get("/staff/account").status_code == 200
        monkeypatch.undo()
        assert not is_signed_in(there)


def test_who_signs_in_by_a_form_that_was_left_open_is_not_taken_for_the_colleague_who_is_there(there, casey):
    robin = new_member("editor", name="Robin Sample")
    sign_in(there, casey.email)
    assert sign_in(there, f" {casey.email.upper()}").location == "/staff"
    assert sign_in(there, "").location == "/staff"
    assert is_signed_in(there), "their own session goes on"
    assert sign_in(there, robin.email).location == "/staff"
    assert actions() == [
        ("Casey Invented", "signed in"),
        ("Casey Invented", "signed out"),
        ("Robin Sample", "signed in"),
    ]
    assert 'value="Robin Sample"' in there.get("/staff/account").text
    assert sign_in(there, casey.email, "wrong").status_code == 200
    assert not is_signed_in(there)


def test_who_asks_for_a_passkey_by_a_form_that_was_left_open_is_not_led_on_as_the_colleague_who_is_there(
    there, casey
):
    sign_in(there, casey.email)
    assert "data-passkey" in there.post("/staff/sign-in/passkey").text
    assert not is_signed_in(there)
