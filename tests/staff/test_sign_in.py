"""Signing in by password, and choosing a new one."""

import pytest
from sqlalchemy import select

from clinic_app import database
from clinic_app.accounts.models import AuditEntry, Member, SignIn
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.golden import check_email

from .conftest import PASSWORD, new_member
from .signing import browser, flash_in, is_signed_in, prove, sign_in

OTHER = "an entirely different password"


@pytest.fixture
def casey(app) -> Member:
    return new_member("editor", name="Casey Invented", email="casey@clinic.example")


@pytest.fixture
def there(app):
    return browser(app)


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
    assert answer.text.count("The e-mail address or the password is not right") == 1
    assert not is_signed_in(there)


def test_failing_at_an_account_is_in_the_trail(there, casey):
    sign_in(there, "casey@clinic.example", "wrong")
    sign_in(there, "kit@clinic.example", "wrong")
    assert actions() == [("somebody", "failed to sign in")]
    assert db.session.scalars(select(AuditEntry)).one().about_id == casey.id


def test_an_empty_form_says_what_is_missing(there):
    answer = there.post("/staff/sign-in", data={"email": "", "password": ""})
    assert "Enter your e-mail address and your password" in answer.text


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


def mails() -> list[OutboxMail]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)))


def ask_for_reset(there, email: str, **headers) -> str:
    page = there.post("/staff/reset", data={"email": email}, headers=headers)
    assert page.status_code == 200
    return flash_in(page.text)


def reset_link() -> str:
    mail = next(mail for mail in mails() if mail.name == "staff_password_reset")
    return next(line for line in mail.text_body.splitlines() if "/staff/reset/" in line)


def test_a_new_password_comes_by_a_link_that_works_once(app, there, casey):
    elsewhere = browser(app)
    sign_in(elsewhere, casey.email)
    said = ask_for_reset(there, "Casey@clinic.example", Host="evil.example")
    assert "is on its way" in said
    (mail,) = mails()
    assert (mail.about_kind, mail.about_id) == ("member", casey.id)
    link = reset_link()
    assert link.startswith("https://clinic.example/staff/reset/")
    path = link.removeprefix("https://clinic.example")
    assert "Choose a new password" in there.get(path).text
    short = there.post(path, data={"password": "short"})
    assert "Choose a password of 12 to 128 characters" in short.text
    answer = there.post(path, data={"password": OTHER})
    assert answer.location == "/staff/sign-in"
    assert "Sign in with it" in there.get(answer.location).text
    assert not is_signed_in(elsewhere), "other sessions end"
    assert sign_in(there, casey.email).status_code == 200, "the old password is gone"
    assert sign_in(there, casey.email, OTHER).status_code == 302
    again = browser(app)
    assert again.get(path).location == "/staff/reset"
    assert again.post(path, data={"password": "yet another password"}).location == "/staff/reset"
    assert "no longer works" in again.get("/staff/reset").text


def test_mails_about_passwords_read_well(app, there, casey):
    import time_machine

    with time_machine.travel("2026-11-24T09:00:00+11:00", tick=False):
        ask_for_reset(there, casey.email)
        link = reset_link()
        there.post(link.removeprefix("https://clinic.example"), data={"password": OTHER})
    for mail in mails():
        check_email(mail, mail.name, TOKEN=link.rpartition("/")[2])


def test_an_address_without_an_account_hears_the_same_and_gets_no_mail(there, casey):
    new_member("editor", email="gone@clinic.example", active=False)
    new_member("editor", email="invited@clinic.example", password=None)
    said = ask_for_reset(there, casey.email)
    for address in ("kit@clinic.example", "gone@clinic.example", "invited@clinic.example"):
        assert ask_for_reset(there, address) == said
    assert [mail.to_address for mail in mails()] == [casey.email]
    page = there.post("/staff/reset", data={"email": "casey@"})
    assert "in the correct format" in page.text
    assert "<title>Error: " in page.text


@pytest.mark.parametrize("token", ["x", "é", "a.b.c", "x" * 3000])
def test_a_forged_link_leads_to_asking_for_another(there, token):
    assert there.get(f"/staff/reset/{token}").location == "/staff/reset"
    assert there.post(f"/staff/reset/{token}", data={"password": OTHER}).location == "/staff/reset"


def test_changing_the_password_ends_the_other_sessions(app, there, casey):
    elsewhere = browser(app)
    for client in (there, elsewhere):
        sign_in(client, casey.email)
    path = "/staff/account/password"
    typed = {"password": PASSWORD, "new_password": OTHER}
    assert "That password is not right" in there.post(path, data=typed | {"password": "wrong"}).text
    assert "not the one you have" in there.post(path, data=typed | {"new_password": PASSWORD}).text
    assert "12 to 128" in there.post(path, data=typed | {"new_password": "short"}).text
    assert there.post(path, data={}).status_code == 200
    answer = there.post(path, data=typed)
    assert answer.location == "/staff/account"
    assert "is changed" in there.get(answer.location).text
    assert not is_signed_in(elsewhere)
    db.session.rollback()
    assert len(db.session.scalars(select(SignIn)).all()) == 1
    assert actions()[-1] == ("Casey Invented", "changed the password")
    assert [mail.name for mail in mails()] == ["staff_password_changed"]


def test_a_password_is_asked_for_before_the_second_factor_is_touched(there, casey):
    sign_in(there, casey.email)
    with there.session_transaction("/staff") as session:
        session["fs_paa"] = 1
    for path in ("/staff/account/app", "/staff/account/passkeys", "/staff/account/recovery-codes"):
        answer = there.get(path)
        assert answer.location == f"/staff/confirm?next={path}"
    assert "confirm that it is you" in there.get(answer.location).text
    wrong = there.post(answer.location, data={"password": "wrong"})
    assert "That password is not right" in wrong.text
    assert there.post(answer.location, data={"password": PASSWORD}).location == "/staff/account/recovery-codes"
    assert there.get("/staff/account/recovery-codes").status_code == 200


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
    from clinic_app.staff import session_cookie

    cookie = sign_in(browser(app), casey.email).headers["Set-Cookie"]
    assert cookie.startswith("__Host-staff=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert session_cookie.is_staffs("/staff")


def test_nothing_secret_is_logged(app, there, casey, caplog):
    with caplog.at_level("DEBUG"):
        sign_in(there, casey.email, "wrong password here")
        sign_in(there, casey.email)
        prove(there)
        ask_for_reset(browser(app), casey.email)
    for secret in (PASSWORD, "wrong password here", reset_link().rpartition("/")[2]):
        assert secret not in caplog.text


def test_a_member_who_is_deactivated_meanwhile_is_not_let_in(there, casey):
    sign_in(there, casey.email)
    with database.transaction():
        db.session.merge(casey).active = False
    assert not is_signed_in(there)


def test_the_hash_that_stands_in_for_nobodys_is_as_costly_as_any(app):
    from flask_security.proxies import _security

    from clinic_app.staff import passwords

    assert not _security.pwd_context.needs_update(passwords.OF_NOBODY)
    with app.test_request_context("/staff"):
        assert passwords.check("nobody signs in with this", None) == (False, None)
