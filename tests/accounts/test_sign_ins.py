"""Where members are signed in: each row is its own, and its member's own."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from clinic_app import clock, database
from clinic_app.accounts import sign_ins
from clinic_app.accounts.models import Member, SignIn
from clinic_app.extensions import db
from tests.staff.conftest import new_member

HOUR = timedelta(hours=1)


@pytest.fixture
def signed_in(app, with_settings):
    """Jo in two browsers and Lee in one, each last seen an hour ago; their tokens, by the browser's name."""
    with_settings(staff_session_hours=12)
    jo, lee = new_member("editor"), new_member("editor")
    with database.transaction():
        tokens = {name: sign_ins.start(who, browser=name) for who, name in ((jo, "a"), (jo, "b"), (lee, "c"))}
        for table in (SignIn, Member):
            db.session.execute(update(table).values(last_seen_at=clock.now() - HOUR))
    return SimpleNamespace(jo=jo, lee=lee, **tokens)


def left() -> list[str]:
    """The browsers in which somebody is signed in."""
    return list(db.session.scalars(select(SignIn.browser).order_by(SignIn.browser)))


def seen(browser: str, ago: timedelta) -> None:
    db.session.execute(update(SignIn).filter_by(browser=browser).values(last_seen_at=clock.now() - ago))


def test_a_token_is_its_members_only(signed_in):
    assert sign_ins.find(signed_in.a, signed_in.jo).browser == "a"
    assert sign_ins.find(signed_in.a, signed_in.lee) is None
    assert sign_ins.find("made up", signed_in.jo) is None


def test_signing_out_ends_the_one_sign_in_of_its_token(signed_in, writing):
    sign_ins.end("made up")
    assert left() == ["a", "b", "c"]
    sign_ins.end(signed_in.a)
    assert left() == ["b", "c"]


def test_members_end_their_own_sign_ins_only_and_one_at_a_time(signed_in, writing):
    assert not sign_ins.end_one(signed_in.jo, sign_ins.find(signed_in.c, signed_in.lee))
    assert left() == ["a", "b", "c"]
    assert sign_ins.end_one(signed_in.jo, sign_ins.find(signed_in.b, signed_in.jo))
    assert left() == ["a", "c"]


def test_signing_out_everywhere_leaves_others_and_the_browser_that_asks(signed_in, writing):
    sign_ins.end_all(signed_in.jo, but=signed_in.b)
    assert left() == ["b", "c"]
    sign_ins.end_all(signed_in.jo)
    assert left() == ["c"]


def test_a_member_sees_where_they_are_signed_in_the_last_used_first(signed_in, writing):
    seen("a", ago=HOUR / 2)
    assert [each.browser for each in sign_ins.all_of(signed_in.jo)] == ["a", "b"]
    seen("a", ago=2 * HOUR)
    assert [each.browser for each in sign_ins.all_of(signed_in.jo)] == ["b", "a"]
    seen("a", ago=12 * HOUR)
    assert [each.browser for each in sign_ins.all_of(signed_in.jo)] == ["b"]
    assert sign_ins.find(signed_in.a, signed_in.jo) is None


def test_using_one_sign_in_keeps_no_other_alive(signed_in, writing):
    used = sign_ins.find(signed_in.a, signed_in.jo)
    sign_ins.see(used.id, signed_in.jo.id)
    recently = clock.now() - HOUR / 2
    assert list(db.session.scalars(select(SignIn.browser).where(SignIn.last_seen_at > recently))) == ["a"]
    assert list(db.session.scalars(select(Member.id).where(Member.last_seen_at > recently))) == [signed_in.jo.id]
