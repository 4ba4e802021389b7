"""Invitations: links that make somebody a member of staff."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, select

from clinic_app import clock, database
from clinic_app.accounts import invitations, members
from clinic_app.accounts.invitations import Invited
from clinic_app.accounts.models import Invitation, Member
from clinic_app.accounts.refusals import AlreadyJoined, InvitationVoid, NotActive
from clinic_app.extensions import db
from clinic_app.mail.addresses import BadAddress
from clinic_app.mail.models import OutboxMail
from tests.golden import check_email
from tests.locks import ON_POSTGRESQL, begin
from tests.server import DEADLINE_SECONDS
from tests.staff.conftest import new_member

CASEY = Invited(email="Casey@Clinic.example", roles=("reception",), name="Casey Invented")
KIT = Invited(email="kit@clinic.example", roles=("editor",))


def invite(invited: Invited = CASEY, by=None) -> str:
    """The token in the link of a new invitation."""
    with database.transaction():
        return invitations.invite(invited, by=by).rpartition("/")[2]


def accept(token: str) -> Member:
    with database.transaction():
        return invitations.accept(token, name="Casey", password_hash="hash")


def become_first_owner() -> None:
    token = invitations.first_owner_url().rpartition("/")[2]
    with database.transaction():
        invitations.accept_first(token, email=CASEY.email, name="Casey", password_hash="hash")


def deactivate() -> None:
    new_member("owner")
    with database.transaction():
        members.deactivate(members.with_address(CASEY.email), by=None)


def test_an_invitation_is_mailed_and_makes_a_member_once(app):
    with time_machine.travel("2026-11-24T09:00:00+11:00", tick=False):
        token = invite(by=new_member("owner", name="Robin Sample"))
    mail = db.session.scalars(select(OutboxMail)).one()
    check_email(mail, "staff_invitation", TOKEN=token)
    assert (mail.about_kind, mail.about_id) == ("member", invitations_of("casey@clinic.example").id)
    with time_machine.travel("2026-11-30T09:00:00+11:00", tick=False):
        assert invitations.find(token).role_names == ["reception"]
        member = accept(token)
        assert (member.name, member.has_joined) == ("Casey", True)
        with pytest.raises(InvitationVoid):
            accept(token)
        with pytest.raises(InvitationVoid):
            invitations.find(token)


def test_who_is_invited_from_the_server_is_greeted_without_a_name(app):
    with time_machine.travel("2026-11-24T09:00:00+11:00", tick=False):
        token = invite(KIT)
    check_email(db.session.scalars(select(OutboxMail)).one(), "staff_invitation_from_the_server", TOKEN=token)


def invitations_of(address: str) -> Member:
    return members.with_address(address)


def test_who_is_invited_again_has_the_name_that_was_given_last(app):
    invite()
    invite(Invited(email=CASEY.email, roles=CASEY.roles, name="Casey Fictional"))
    assert members.with_address(CASEY.email).name == "Casey Fictional"


def test_a_new_invitation_voids_the_one_before(app):
    first = invite()
    second = invite(Invited(email="casey@clinic.example", roles=("editor",)))
    with pytest.raises(InvitationVoid):
        invitations.find(first)
    member = invitations.find(second)
    assert (member.name, member.role_names) == ("Casey Invented", ["editor"])
    mails = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()
    assert [(mail.state, bool(mail.withdrawn_at)) for mail in mails] == [("failed", True), ("queued", False)]


def test_an_invitation_that_has_not_gone_out_never_goes_to_who_has_joined_by_its_link(app):
    accept(invite())
    mail = db.session.scalars(select(OutboxMail)).one()
    assert (mail.state, bool(mail.withdrawn_at)) == ("failed", True)


def test_an_invitation_that_has_not_gone_out_never_goes_to_who_became_the_first_owner(app):
    invite()
    become_first_owner()
    mail = db.session.scalars(select(OutboxMail)).one()
    assert (mail.state, bool(mail.withdrawn_at)) == ("failed", True)


@ON_POSTGRESQL
def test_of_two_invitations_at_the_same_moment_the_later_holds(app):
    invite()
    second = []

    def invite_too() -> None:
        second.append(invite())

    with database.transaction():
        first = invitations.invite(CASEY, by=None).rpartition("/")[2]
        other = begin(app, invite_too)
        assert other.is_alive()
    other.join(DEADLINE_SECONDS)
    assert invitations.find(second[0]).name == CASEY.name
    with pytest.raises(InvitationVoid):
        invitations.find(first)


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "a" * 5000])
def test_what_is_no_invitation_is_void(app, token):
    invite()
    with pytest.raises(InvitationVoid):
        invitations.find(token)


def test_an_invitation_is_good_for_seven_days(app):
    token = invite()
    with time_machine.travel(clock.now() + timedelta(days=7), tick=False), pytest.raises(InvitationVoid):
        invitations.find(token)


def test_who_is_a_member_or_was_deactivated_is_not_invited(app):
    new_member("owner", email="casey@clinic.example")
    with pytest.raises(AlreadyJoined):
        invite()
    new_member("owner", email="kit@clinic.example", active=False, password=None)
    with pytest.raises(NotActive):
        invite(KIT)
    with pytest.raises(BadAddress):
        invite(Invited(email="kit", roles=("editor",)))


def test_deactivating_the_invited_voids_their_link_which_never_goes_out(app):
    token = invite()
    deactivate()
    with pytest.raises(InvitationVoid):
        invitations.find(token)
    mail = db.session.scalars(select(OutboxMail)).one()
    assert (mail.state, mail.last_error) == ("failed", "Withdrawn: the account was deactivated")


@pytest.mark.parametrize("end", [lambda: accept(invite()), become_first_owner, deactivate])
def test_an_invitation_ends_alone(app, end):
    invite()
    other = invite(KIT)
    end()
    assert invitations.find(other).email == KIT.email
    assert len(db.session.scalars(select(Invitation)).all()) == 1


def assert_refused_meanwhile(app, refusal: type[Exception], do) -> None:
    """Who invites while another is about to `do` something waits for that, and is refused."""
    refused = []

    def invite_too() -> None:
        try:
            invite()
        except refusal:
            refused.append(True)

    with database.transaction():
        do()
        other = begin(app, invite_too)
        assert other.is_alive()
    other.join(DEADLINE_SECONDS)
    assert refused


@ON_POSTGRESQL
def test_of_two_who_invite_somebody_new_at_the_same_moment_one_is_refused(app):
    assert_refused_meanwhile(app, AlreadyJoined, lambda: invitations.invite(CASEY, by=None))
    assert len(db.session.scalars(select(OutboxMail)).all()) == 1


@ON_POSTGRESQL
def test_who_is_deactivated_at_the_same_moment_is_not_invited_again(app):
    new_member("owner")
    invite()
    assert_refused_meanwhile(
        app, NotActive, lambda: members.deactivate(members.with_address(CASEY.email), by=None)
    )
    assert db.session.scalars(select(OutboxMail)).one().withdrawn_at


@ON_POSTGRESQL
def test_who_joins_and_who_deactivates_them_do_not_wait_for_each_other(app):
    """Both lock the member first, and the invitation then."""
    token = invite()
    void = []

    def accept_too() -> None:
        try:
            accept(token)
        except InvitationVoid:
            void.append(True)

    with database.transaction():
        member = members.with_address(CASEY.email)
        db.session.refresh(member, with_for_update={"key_share": True})
        other = begin(app, accept_too)
        assert other.is_alive()
        db.session.scalars(select(Invitation).with_for_update(nowait=True)).one()
        db.session.execute(delete(Invitation))
    other.join(DEADLINE_SECONDS)
    assert void


@ON_POSTGRESQL
def test_who_joins_and_who_becomes_the_first_owner_do_not_wait_for_each_other(app):
    token = invite()
    link = invitations.first_owner_url().rpartition("/")[2]

    def become_first() -> None:
        with suppress(AlreadyJoined), database.transaction():
            invitations.accept_first(link, email=CASEY.email, name="Kit", password_hash="hash")

    with database.transaction():
        member = members.with_address(CASEY.email)
        db.session.refresh(member, with_for_update={"key_share": True})  # as `accept` begins
        other = begin(app, become_first)
        assert other.is_alive()
        invitations.accept(token, name="Casey", password_hash="hash")
    other.join(DEADLINE_SECONDS)
    assert (member.has_joined, member.name) == (True, "Casey")


def race(app, attempt, times: int = 4) -> list:
    """What `attempt` gave in each thread: a member's number, or None where it was refused."""
    start, results = threading.Barrier(times), []

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with database.transaction():
                    results.append(attempt(number).id)
            except InvitationVoid:
                results.append(None)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    return results


def test_of_those_who_use_a_link_at_once_one_gets_in(app):
    token = invite()
    found = race(app, lambda n: invitations.accept(token, name=f"Casey {n}", password_hash="hash"))
    assert len(found) == 4
    assert found.count(None) == 3


def test_the_first_owner_gets_in_by_a_link_that_was_not_mailed(app):
    with time_machine.travel("2026-11-24T09:00:00+11:00", tick=False):
        token = invitations.first_owner_url().rpartition("/")[2]
        invitations.check_first(token)
    with time_machine.travel("2026-12-02T09:00:00+11:00", tick=False), pytest.raises(InvitationVoid):
        invitations.check_first(token)
    token = invitations.first_owner_url().rpartition("/")[2]
    with pytest.raises(InvitationVoid):
        invitations.check_first(token + "x")
    assert not db.session.scalars(select(OutboxMail)).all()

    def become_first(number: int) -> Member:
        return invitations.accept_first(
            token, email=f"owner{number}@clinic.example", name="Robin Sample", password_hash="hash"
        )

    assert race(app, become_first).count(None) == 3
    with pytest.raises(InvitationVoid):
        invitations.check_first(token)
