"""Members of staff, and what owners change about them."""

import threading

import pytest
from sqlalchemy import select

from clinic_app import database
from clinic_app.accounts import members, sign_ins
from clinic_app.accounts.models import AuditEntry, Member, Passkey, SignIn
from clinic_app.accounts.refusals import LastOwner, NotFound
from clinic_app.extensions import db
from tests.staff.conftest import new_member
from tests.staff.signing import add_passkey


def trail() -> list[tuple]:
    db.session.rollback()
    return [(e.by, e.action, e.about_id) for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_members_are_found_by_their_address_in_any_case(app):
    casey = new_member("editor", email="casey@clinic.example")
    assert members.with_address("Casey@Clinic.Example").id == casey.id
    for address in ("kit@clinic.example", "no address", "", "a\0b@clinic.example"):
        with pytest.raises(NotFound):
            members.with_address(address)


def test_changes_are_in_the_trail_with_who_did_them(app):
    owner, casey = new_member("owner"), new_member("editor")
    with database.transaction():
        members.change_roles(casey, ["editor", "reception"], by=owner)
        members.change_roles(casey, ["editor", "reception"], by=owner)  # changes nothing
        members.deactivate(casey, by=None)
        members.activate(casey, by=owner)
        names = (owner.name, casey.id)
    assert trail() == [
        (names[0], "changed the roles of", names[1]),
        ("command line", "deactivated", names[1]),
        (names[0], "activated", names[1]),
    ]


@pytest.mark.parametrize(
    "verb",
    [members.deactivate, lambda member, by: members.change_roles(member, ["reception"], by=by)],
    ids=["deactivated", "another role"],
)
def test_the_last_owner_who_can_sign_in_stays(app, verb):
    owner = new_member("owner")
    new_member("owner", password=None)  # invited, and may never come
    new_member("owner", active=False)
    with pytest.raises(LastOwner), database.transaction():
        verb(owner, by=owner)
    another = new_member("owner")
    with database.transaction():
        verb(owner, by=another)


def test_an_owner_is_there_who_can_sign_in(app):
    new_member("reception")
    new_member("owner", password=None)
    new_member("owner", active=False)
    assert not members.is_there_an_owner()
    new_member("editor", "owner")
    assert members.is_there_an_owner()


def test_two_owners_who_deactivate_each_other_at_once_leave_one(app):
    ids = [new_member("owner").id, new_member("owner").id]
    start, refused = threading.Barrier(2), []

    def deactivate(own: int, other: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with database.transaction():
                    members.deactivate(db.session.get(Member, other), by=db.session.get(Member, own))
            except LastOwner:
                refused.append(own)

    threads = [threading.Thread(target=deactivate, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert len(refused) == 1
    assert len(db.session.scalars(select(Member).where(Member.active)).all()) == 1


def test_who_is_deactivated_or_loses_the_second_factor_is_signed_out_everywhere(app):
    new_member("owner")
    casey = new_member("editor", tf_totp_secret="secret", tf_primary_method="authenticator")
    for verb in (members.sign_out, members.reset_second_factor, members.deactivate):
        with database.transaction():
            sign_ins.start(casey, browser="Firefox on Linux")
        with database.transaction():
            verb(casey, by=None)
        assert not db.session.scalars(select(SignIn)).all(), verb.__name__
    assert not casey.has_second_factor


def test_with_the_second_factor_passkeys_go_too(app):
    casey = new_member("editor")
    add_passkey(casey)
    with database.transaction():
        members.reset_second_factor(casey, by=None)
    assert not db.session.scalars(select(Passkey)).all()


def test_who_is_activated_again_is_let_in(app):
    new_member("owner")
    casey = new_member("editor")
    for verb, active in ((members.deactivate, False), (members.activate, True)):
        with database.transaction():
            verb(casey, by=None)
        assert db.session.get_one(Member, casey.id).active is active
