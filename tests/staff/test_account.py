"""A member's own account."""

import pytest
from sqlalchemy import select

from clinic_app import database
from clinic_app.accounts import sign_ins
from clinic_app.accounts.models import Member, SignIn
from clinic_app.extensions import db
from tests.reading import actions

from .conftest import client_of, is_told_gone, new_member
from .signing import add_passkey


def now(client) -> Member:
    db.session.rollback()
    return db.session.get(Member, client.member_id)


@pytest.mark.parametrize("role", ["owner", "reception", "editor", "practitioner"])
def test_every_member_has_the_page(staff, role):
    client = staff(role)
    page = client.get("/staff/account").text
    assert f"casey{now(client).email[5:].partition('@')[0]}@clinic.example" in page
    assert 'href="/staff/account"' in client.get("/staff").text


def test_a_name_is_changed(staff):
    client = staff("editor")
    assert "Enter your name" in client.post("/staff/account", data={"name": " "}).text
    assert client.post("/staff/account", data={"name": "Kit  Example"}).status_code == 303
    assert now(client).name == "Kit Example"
    assert "Your name is changed" in client.get("/staff/account").text
    assert actions() == ["changed the name of"]


def test_who_never_made_recovery_codes_reads_nothing_of_some_that_are_used_up(staff):
    client = staff("editor")
    assert "Recovery codes" not in client.get("/staff/account").text
    add_passkey(now(client))
    page = client.get("/staff/account").text
    assert '<span class="chip chip-warn">None</span>' in page


def sign_in_ids() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(SignIn.id).order_by(SignIn.id)))


def test_sessions_are_ended_one_by_one_and_all_together(app, staff):
    here = staff("editor")
    elsewhere = [client_of(app, now(here)) for _ in range(3)]
    page = here.get("/staff/account").text
    assert page.count("Firefox on Linux</b>") == 4
    assert page.count("This browser") == 1
    own, first, *_ = sign_in_ids()
    assert here.post(f"/staff/account/sessions/{first}/end").status_code == 303
    assert elsewhere[0].get("/staff").status_code == 302
    assert here.post("/staff/account/sessions/end-others").status_code == 303
    assert sign_in_ids() == [own]
    assert [client.get("/staff").status_code for client in (here, *elsewhere)] == [200, 302, 302, 302]
    assert actions() == ["ended a session", "ended other sessions"]
    assert "End all others" not in here.get("/staff/account").text


@pytest.mark.parametrize("number", ["0", "999", str(2**31), str(10**30)])
def test_only_sessions_of_their_own_are_ended(app, staff, number):
    here = staff("editor")
    other = new_member("editor")
    with database.transaction():
        sign_ins.start(other, browser="Firefox on Linux")
    theirs = sign_in_ids()[-1]
    for tried in (number, theirs):
        assert is_told_gone(here, f"/staff/account/sessions/{tried}/end")
    assert theirs in sign_in_ids()
    assert actions() == []
