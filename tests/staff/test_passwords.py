"""Choosing a new password: by mail, and on one's own page."""

import pytest
import time_machine
from flask_security.proxies import _security
from sqlalchemy import select

from clinic_app import clock, database
from clinic_app.accounts import members
from clinic_app.accounts.models import Member, SignIn
from clinic_app.extensions import db
from clinic_app.mail import claims
from clinic_app.mail.models import OutboxMail
from clinic_app.staff import passwords
from tests.golden import check_email
from tests.reading import actions, parsed

from .conftest import PASSWORD, PASSWORD_HASH, browser, new_member
from .signing import flash_in, is_signed_in, prove, sign_in

OTHER = "an entirely different password"


def mails() -> list[OutboxMail]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)))


def ask_for_reset(there, email: str, **headers) -> str:
    page = there.post("/staff/reset", data={"email": email}, headers=headers)
    assert page.status_code == 200
    assert "Send it again" in page.text, "whether it was sent or not"
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


def test_who_follows_a_link_where_a_colleague_is_signed_in_is_not_led_on_as_them(there, casey):
    robin = new_member("editor")
    ask_for_reset(there, casey.email)
    sign_in(there, robin.email)
    path = reset_link().removeprefix("https://clinic.example")
    assert there.get(path).status_code == 200
    assert is_signed_in(there), "to look changes nothing"
    answer = there.post(path, data={"password": OTHER})
    assert "Sign in with it" in there.get(answer.location).text
    assert not is_signed_in(there)
    assert sign_in(there, casey.email, OTHER).location == "/staff"


def put_off() -> str:
    """Has the mail server put off the mail that would go next; gives its name."""
    (mail,) = claims.claim(clock.now(), limit=20)
    came = {"kind": "deferred", "words": "451 Greylisted", "at": clock.now()}
    claims.record(claims.Outcome(mail_id=mail.id, claim=mail.claim, **came))
    return mail.name


def test_a_link_that_is_asked_for_again_waits_for_none_that_was_put_off(there, casey):
    address = casey.email
    with time_machine.travel(clock.now(), tick=False) as clocked:
        ask_for_reset(there, address)
        assert put_off() == "staff_password_reset"
        clocked.shift(1)
        ask_for_reset(there, address)
        first, second = mails()
        assert (first.state, bool(first.withdrawn_at)) == ("failed", True)
        assert [mail.id for mail in claims.claim(clock.now(), limit=20)] == [second.id]


def test_a_link_that_is_asked_for_twice_at_once_goes_out_once(there, casey):
    with time_machine.travel(clock.now(), tick=False):
        ask_for_reset(there, casey.email)
        ask_for_reset(there, casey.email)
        assert [mail.state for mail in mails()] == ["queued"]


def test_that_a_password_was_changed_waits_for_no_link_that_was_put_off(there, casey):
    ask_for_reset(there, casey.email)
    path = reset_link().removeprefix("https://clinic.example")
    put_off()
    there.post(path, data={"password": OTHER})
    assert put_off() == "staff_password_changed"
    assert [bool(mail.withdrawn_at) for mail in mails()] == [True, False]


def test_a_link_that_has_not_gone_out_never_goes_to_who_is_deactivated(there, casey):
    new_member("owner")
    ask_for_reset(there, casey.email)
    with database.transaction():
        members.deactivate(casey, by=None)
    assert [bool(mail.withdrawn_at) for mail in mails()] == [True]


def test_mails_about_passwords_read_well(app, there, casey):
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


@pytest.mark.parametrize(
    ("typed", "told"),
    [("", "Enter your email address"), ("casey@", "in the correct format")],
)
def test_what_is_no_address_is_told_beside_the_field(there, casey, typed, told):
    answer = there.post("/staff/reset", data={"email": typed})
    page = parsed(answer.text)
    assert told in page.find(id="email-error").text
    assert told in page.find(attrs={"data-error-summary": True}).find("a", href="#email").text
    assert "<title>Error: " in answer.text
    assert "is on its way" not in answer.text


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
    assert actions()[-1] == "changed the password"
    assert [mail.name for mail in mails()] == ["staff_password_changed"]


def test_each_password_that_is_left_empty_is_asked_for_at_its_field(there, casey):
    sign_in(there, casey.email)
    page = there.post("/staff/account/password", data={"password": "", "new_password": ""}).text
    for field, said in (("password", "Enter your current password"), ("new_password", "Enter a new password")):
        assert f'<a href="#{field}">{said}</a>' in page
        assert f'id="{field}-error"' in page


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


def test_a_password_longer_than_any_is_wrong_wherever_it_is_asked_for(there, casey):
    endless = PASSWORD + "x" * 5_000
    assert sign_in(there, casey.email, endless).status_code == 200
    assert not is_signed_in(there)
    sign_in(there, casey.email)
    assert "That password is not right" in there.post("/staff/confirm", data={"password": endless}).text
    typed = {"password": endless, "new_password": OTHER}
    assert "That password is not right" in there.post("/staff/account/password", data=typed).text


def test_the_hash_that_stands_in_for_nobodys_is_as_costly_as_any(app, costly_hashes):
    assert not _security.pwd_context.needs_update(passwords.OF_NOBODY)
    with app.test_request_context("/staff"):
        assert passwords.check("nobody signs in with this", None) == (False, None)


def test_a_hash_that_was_made_at_less_cost_is_made_anew_at_the_next_sign_in(there, casey, costly_hashes):
    sign_in(there, casey.email, "wrong password here")
    db.session.rollback()
    assert db.session.get_one(Member, casey.id).password == PASSWORD_HASH
    sign_in(there, casey.email)
    db.session.rollback()
    better = db.session.get_one(Member, casey.id).password
    assert better != PASSWORD_HASH
    assert not _security.pwd_context.needs_update(better)
    assert passwords.check(PASSWORD, better) == (True, None)


def test_nothing_secret_is_logged(app, there, casey, caplog):
    with caplog.at_level("DEBUG"):
        sign_in(there, casey.email, "wrong password here")
        sign_in(there, casey.email)
        prove(there)
        ask_for_reset(browser(app), casey.email)
    for secret in (PASSWORD, "wrong password here", reset_link().rpartition("/")[2]):
        assert secret not in caplog.text
