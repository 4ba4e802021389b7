"""Passkeys, as far as no browser is needed; journeys has the rest."""

import json
from base64 import urlsafe_b64encode
from types import SimpleNamespace

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from clinic_app.accounts.library import load_webauthn
from clinic_app.accounts.models import AuditEntry, Member
from clinic_app.extensions import db

from ..reading import parsed
from .conftest import new_member
from .signing import action_of, add_passkey, is_signed_in, sign_in

READABLE = (
    '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"authenticatorData":"YQ","clientDataJSON":"YQ",'
    '"signature":"YQ","userHandle":"YQ"}}'
)


def test_passkeys_are_listed_named_and_removed(there, casey):
    sign_in(there, casey.email)
    add_passkey(casey)
    path = "/staff/account/passkeys"
    assert "My phone" in there.get(path).text
    assert "Enter a name for the passkey" in there.post(path, data={"name": " "}).text
    assert "already. Choose another" in there.post(path, data={"name": "My  phone"}).text
    assert "Shorten the name" in there.post(path, data={"name": "x" * 65}).text
    page = there.post(path, data={"name": 'Kit\'s <b>key</b> & "more"'})
    assert "&lt;b&gt;" in page.text
    assert "data-options=" in page.text
    assert there.post(f"{path}/remove", data={"name": "Another"}).location == path
    assert there.post(f"{path}/remove", data={"name": "My phone"}).location == path
    assert "The passkey My phone is removed" in there.get(path).text
    db.session.rollback()
    assert not db.session.get(Member, casey.id).has_second_factor
    assert "removed a passkey" in db.session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize(
    "credential",
    ["", "x", "null", "[]", "{}", '{"id": 1}', '{"id":"a","rawId":"a","type":"public-key","response":{}}',
     '{"id":"YQ","rawId":"YQ","type":"public-key","response":{"attestationObject":"YQ","clientDataJSON":"YQ"}}',
     READABLE],
)  # fmt: skip
def test_what_no_passkey_says_is_refused_in_words(there, casey, credential):
    there_page = there.post("/staff/sign-in/passkey").text
    answer = there.post(action_of(there_page, "/staff/sign-in/passkey/"), data={"credential": credential})
    assert answer.location == "/staff/sign-in/passkey"
    assert there.get(answer.location).status_code == 200
    sign_in(there, casey.email)
    page = there.post("/staff/account/passkeys", data={"name": "My phone"}).text
    answer = there.post(action_of(page, "/staff/account/passkeys/"), data={"credential": credential})
    assert answer.location == "/staff/account/passkeys"
    assert "could not be" in there.get(answer.location).text
    for path in ("sign-in/passkey", "confirm/passkey", "account/passkeys"):
        assert there.post(f"/staff/{path}/forged", data={"credential": credential}).status_code == 302


def test_that_passkeys_need_script_is_shown_without_it_alone_in_every_browser(there, casey):
    """Not by what a stylesheet asks the browser, which those of a few years ago do not know."""
    pages = [there.get("/staff/sign-in/passkey")]
    sign_in(there, casey.email)
    pages.append(there.get("/staff/account/passkeys"))
    for page in pages:
        told = parsed(page.text).find(string=lambda words: "need JavaScript" in words)
        assert told.find_parent("noscript"), page.request.path


def test_what_the_library_stumbles_over_is_logged(there, casey, caplog, monkeypatch):
    def stumble(_credential):
        raise RecursionError  # as older Pythons do over "[[[[", and newer ones do not

    load_webauthn()
    monkeypatch.setattr("flask_security.webauthn.parse_registration_credential_json", stumble)
    sign_in(there, casey.email)
    page = there.post("/staff/account/passkeys", data={"name": "My phone"}).text
    there.post(action_of(page, "/staff/account/passkeys/"), data={"credential": READABLE})
    assert "That could not be read" in there.get("/staff/account/passkeys").text
    (found,) = (record for record in caplog.records if record.message == "A passkey could not be read")
    assert found.exc_info


def test_a_database_that_fails_while_a_passkey_is_read_is_told_as_an_outage(app, there, casey, monkeypatch):
    def refuse(_connection, _cursor, sql, *_):
        if "FROM passkeys" in sql:
            raise OperationalError(sql, {}, Exception("disk I/O error"))

    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    page = there.post("/staff/sign-in/passkey").text
    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        answer = there.post(action_of(page, "/staff/sign-in/passkey/"), data={"credential": READABLE})
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)
    assert answer.status_code == 503


@pytest.fixture
def all_signed(monkeypatch):
    """Takes what any passkey signs for right."""
    load_webauthn()
    found = SimpleNamespace(new_sign_count=1, user_verified=True)
    monkeypatch.setattr("flask_security.webauthn.webauthn.verify_authentication_response", lambda **_: found)


def use_passkey(client, name: str):
    """Sign what the page asks for with the passkey that `add_passkey` gave somebody; the answer."""
    page = client.post("/staff/sign-in/passkey").text
    told = json.loads(READABLE)
    told["id"] = told["rawId"] = urlsafe_b64encode(name.encode()).decode().rstrip("=")
    del told["response"]["userHandle"]
    return client.post(action_of(page, "/staff/sign-in/passkey/"), data={"credential": json.dumps(told)})


def test_behind_a_password_only_a_passkey_of_the_same_member_signs_in(there, casey, all_signed):
    add_passkey(casey, "My phone")
    add_passkey(new_member("owner"), "Their phone")
    sign_in(there, casey.email)
    answer = use_passkey(there, "Their phone")
    assert "belongs to someone else" in there.get(answer.location).text
    assert not is_signed_in(there)
    use_passkey(there, "My phone")
    assert is_signed_in(there)


def test_asking_for_a_passkey_tells_nobody_who_has_an_account(there, casey):
    add_passkey(casey)
    for address in (casey.email, "kit@clinic.example"):
        page = there.post("/staff/sign-in/passkey", data={"identity": address}).text
        assert "allowCredentials&#34;: []" in page
