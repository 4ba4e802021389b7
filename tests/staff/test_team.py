"""Staff accounts as owners keep them."""

import threading
from datetime import date

import pytest
from sqlalchemy import select

from clinic_app import database
from clinic_app.accounts import invitations, members
from clinic_app.accounts.models import AuditEntry, Member
from clinic_app.booking import links, profiles
from clinic_app.enquiries import references, states
from clinic_app.enquiries.models import Enquiry, EnquiryEntry
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.people import departures
from tests.factories import enquire
from tests.locks import ON_POSTGRESQL, begin
from tests.queries import count
from tests.reading import actions
from tests.server import DEADLINE_SECONDS

from .conftest import client_of, is_told_gone, new_member
from .signing import prove, set_up_app

TOLD_OFF = (
    "The person you chose can’t look after enquiries any more, so this changed nothing. Choose somebody else."
)
KIT = {"name": "Kit Example", "email": "kit@clinic.example", "roles": ["reception", "editor"], "practitioner": "0"}


@pytest.fixture
def owner(staff):
    client = staff("owner", name="Robin Sample", email="robin@clinic.example")
    prove(client)
    return client


def member(address: str) -> Member:
    db.session.rollback()
    return members.with_address(address)


def test_the_invitation_says_what_each_role_may(owner):
    page = owner.get("/staff/team/invite").text
    assert "answer enquiries, keep everyone’s calendar, see emails and figures, and look people up" in page
    assert "see and keep their own calendar, appointments, hours and time off" in page


def test_the_list_says_who_can_sign_in_and_how(owner):
    new_member("editor", name="Kit Example")
    new_member("reception", name="Lee Invented", password=None)
    new_member("editor", name="Jo Fictional", active=False)
    set_up_app(new_member("editor", name="Alex Placeholder"))
    page = owner.get("/staff/team").text
    for words in (
        "Kit Example",
        "Lee Invented",
        "Invited",
        "Deactivated",
        "Jo Fictional",
        "Second step",
        "Never seen",
    ):
        assert words in page


def test_who_has_no_name_yet_is_listed_by_their_address_once(owner):
    with database.transaction():
        invitations.invite(invitations.Invited(email="kit@clinic.example", roles=("editor",)), by=None)
    assert owner.get("/staff/team").text.count("kit@clinic.example") == 1


def test_someone_is_invited(owner):
    assert "Invite someone" in owner.get("/staff/team/invite").text
    answer = owner.post("/staff/team/invite", data=KIT | {"email": "Kit@clinic.example"})
    assert answer.location == "/staff/team"
    assert "Kit Example is invited" in owner.get("/staff/team").text
    found = member("kit@clinic.example")
    assert (found.role_names, found.has_joined) == (["reception", "editor"], False)
    mail = db.session.scalars(select(OutboxMail)).one()
    assert (mail.name, mail.about_kind, mail.about_id) == ("staff_invitation", "member", found.id)
    assert "Robin Sample has invited you" in mail.text_body
    assert actions() == ["invited"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Enter their name"),
        ({"email": "kit"}, "in the correct format"),
        ({"email": "robin@clinic.example"}, "Someone on the team has this address already"),
        ({"email": "gone@clinic.example"}, "Activate it instead"),
        ({"roles": []}, "Choose at least one role"),
        ({"roles": ["king"]}, "Not a valid choice"),
        ({"roles": ["practitioner"]}, "Choose which calendar"),
        ({"practitioner": "999"}, "Not a valid choice"),
        ({"practitioner": "x"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_with_an_invitation_is_said(owner, typed, said):
    new_member("editor", email="gone@clinic.example", active=False, password=None)
    answer = owner.post("/staff/team/invite", data=KIT | typed)
    assert answer.status_code == 200
    assert "<title>Error: Invite someone" in answer.text
    assert said.lower() in answer.text.lower()
    assert actions() == []


def test_a_practitioner_gets_their_calendar(owner):
    with database.transaction():
        robin = profiles.save_practitioner("robin-sample", name="Robin Sample").id
    owner.post("/staff/team/invite", data=KIT | {"roles": ["practitioner"], "practitioner": str(robin)})
    assert member("kit@clinic.example").practitioner_id == robin


def test_a_practitioner_who_left_keeps_their_calendar_when_roles_change(owner):
    with database.transaction():
        gone = profiles.save_practitioner("robin-sample", name="Robin Sample", left_on=date(2020, 1, 1)).id
    kit = new_member("practitioner")
    with database.transaction():
        db.session.merge(kit).practitioner_id = gone
    assert "Robin Sample" in owner.get(f"/staff/team/{kit.id}").text
    owner.post(f"/staff/team/{kit.id}", data={"roles": ["practitioner", "editor"], "practitioner": str(gone)})
    db.session.rollback()
    assert db.session.get(Member, kit.id).practitioner_id == gone


def act(client, who: Member, what: str):
    answer = client.post(f"/staff/team/{who.id}/{what}")
    assert answer.location == f"/staff/team/{who.id}"
    return client.get(answer.location).text


def test_roles_are_changed_and_hold_at_once(app, owner):
    kit = new_member("editor")
    browser = client_of(app, kit)
    assert browser.get("/staff/enquiries").status_code == 403
    page = f"/staff/team/{kit.id}"
    assert owner.post(page, data={"roles": ["reception"], "practitioner": "0"}).location == page
    assert browser.get("/staff/enquiries").status_code == 200
    assert actions()[0] == "changed the roles of"


def test_who_is_deactivated_is_out_at_once_and_can_come_back(app, owner):
    kit = new_member("reception")
    browser = client_of(app, kit)
    assert "can no longer sign in" in act(owner, kit, "deactivate")
    assert browser.get("/staff").status_code == 302
    assert "can sign in again" in act(owner, kit, "activate")
    assert browser.get("/staff").status_code == 302, "but not in the old session"
    assert actions() == ["deactivated", "activated"]


def test_the_calendar_of_who_is_deactivated_opens_no_more(app, owner):
    kit = new_member("practitioner")
    with database.transaction():
        robin = profiles.save_practitioner("robin-sample", name="Robin Sample")
        db.session.merge(kit).practitioner_id = robin.id
        feed = links.new_feed_url(robin).removeprefix("https://clinic.example")
    assert "The secret address of their calendar ends too." in owner.get(f"/staff/team/{kit.id}").text
    act(owner, kit, "sign-out")
    assert "Robin Sample" in owner.get(feed).text
    assert "The secret address of their calendar no longer works." in act(owner, kit, "deactivate")
    assert "address doesn’t work" in owner.get(feed).text
    assert actions()[-2:] == ["deactivated", "ended the calendar address of"]
    assert "no longer works" not in act(owner, kit, "deactivate")


@pytest.mark.parametrize(
    "change", [{"path": "/deactivate"}, {"path": "", "data": {"roles": ["editor"], "practitioner": "0"}}]
)
def test_enquiries_of_who_leaves_are_nobodys_as_their_stories_say(app, owner, change):
    kit = new_member("reception", name="Kit Example")
    with database.transaction():
        enquiries = [enquire(nonce=f"n-{number}") for number in range(4)]
        for enquiry in enquiries:
            states.assign(enquiry, to=kit, by=kit)
        states.close(enquiries[0])
        states.mark_spam(enquiries[1])
        numbers = [enquiry.id for enquiry in enquiries]
    page = f"/staff/team/{kit.id}"
    assert "3 enquiries that are not closed are theirs and become nobody’s then." in owner.get(page).text
    said = owner.post(page + change["path"], data=change.get("data"), follow_redirects=True).text
    assert "3 enquiries that they looked after are nobody’s now." in said
    assert "nobody’s then" not in said
    db.session.rollback()
    owners = dict(db.session.execute(select(Enquiry.id, Enquiry.owner_id)).all())
    assert owners == dict.fromkeys(numbers, None) | {numbers[0]: kit.id}
    told = select(EnquiryEntry.enquiry_id, EnquiryEntry.author_name).filter_by(kind="assigned", text="")
    lines = db.session.execute(told.order_by(EnquiryEntry.id)).all()
    assert lines == [(number, "Robin Sample") for number in numbers[1:]]
    trail = select(AuditEntry.about_id, AuditEntry.details).filter_by(action="assigned").order_by(AuditEntry.id)
    assert db.session.execute(trail).all() == [(number, {"to": None}) for number in numbers[1:]]


def test_who_may_still_answer_enquiries_keeps_theirs_whatever_else_changes(app, owner):
    kit = new_member("reception")
    with database.transaction():
        enquiry = enquire()
        states.assign(enquiry, to=kit)
        number = enquiry.id
    more = {"roles": ["reception", "editor"], "practitioner": "0"}
    assert "nobody’s now" not in owner.post(f"/staff/team/{kit.id}", data=more, follow_redirects=True).text
    assert owner_of(number) == kit.id


def test_an_enquiry_of_who_has_left_is_nobodys_when_it_is_opened_again(owner):
    gone = new_member("reception")
    with database.transaction():
        enquiry = enquire()
        states.assign(enquiry, to=gone)
        states.close(enquiry)
        gone.active = False
        path = f"/staff/enquiries/{references.shown(enquiry.reference)}"
    owner.post(f"{path}/reopen")
    assert "assigned it to nobody" in owner.get(path).text
    assert path in owner.get("/staff/enquiries?owner=nobody").text


def test_who_leaves_many_enquiries_takes_as_many_statements_as_who_leaves_one(app, owner):
    taken = []
    for number_of_enquiries in (1, 30):
        kit = new_member("reception")
        with database.transaction():
            enquiries = [enquire(nonce=f"{kit.id}-{number}") for number in range(number_of_enquiries)]
            for enquiry in enquiries:
                states.assign(enquiry, to=kit)
        taken.append(count(lambda kit=kit: act(owner, kit, "deactivate")))
        assert {owner_of(enquiry.id) for enquiry in enquiries} == {None}
    assert taken[0] == taken[1]


@ON_POSTGRESQL
def test_who_is_deactivated_waits_for_who_gives_them_an_enquiry_and_keeps_it_no_longer(app, owner):
    kit, said = new_member("reception"), []
    with database.transaction():
        enquiry = enquire()
        number = enquiry.id
    with database.transaction():
        states.assign(enquiry, to=kit)
        other = begin(app, lambda: said.append(act(owner, kit, "deactivate")))
        assert other.is_alive()
    other.join(DEADLINE_SECONDS)
    assert owner_of(number) is None
    assert "1 enquiry that they looked after is nobody’s now." in said[0]


@ON_POSTGRESQL
@pytest.mark.parametrize("press", ["assign", "reopen"])
def test_no_enquiry_is_somebodys_who_is_deactivated_while_a_button_is_pressed(app, owner, press):
    kit = new_member("reception", name="Kit Example")
    with database.transaction():
        enquiry = enquire()
        number, path = enquiry.id, f"/staff/enquiries/{references.shown(enquiry.reference)}"
        if press == "reopen":
            states.assign(enquiry, to=kit)
            states.close(enquiry)
    with database.transaction():
        members.deactivate(kit, by=None)
        departures.settle(kit, by=None)
        other = begin(app, lambda: owner.post(f"{path}/{press}", data={"owner": str(kit.id)}))
        assert other.is_alive()
    other.join(DEADLINE_SECONDS)
    assert owner_of(number) is None
    assert (TOLD_OFF in owner.get(path).text) == (press == "assign")


def owner_of(number: int) -> int | None:
    db.session.rollback()
    return db.session.get_one(Enquiry, number).owner_id


def test_sessions_are_ended_and_the_second_factor_reset(app, owner):
    kit = new_member("reception")
    set_up_app(kit)
    browser = client_of(app, kit)
    assert "is signed out everywhere" in act(owner, kit, "sign-out")
    assert browser.get("/staff").status_code == 302
    assert "now signs in by password" in act(owner, kit, "reset-second-factor")
    db.session.rollback()
    assert not db.session.get(Member, kit.id).has_second_factor


def test_an_invitation_is_sent_again_until_it_is_taken_up(owner):
    kit = new_member("reception", password=None)
    assert "A new link is on its way" in act(owner, kit, "invite-again")
    joined = new_member("reception")
    assert "has joined already" in act(owner, joined, "invite-again")
    gone = new_member("reception", password=None, active=False)
    assert "Activate the account first" in act(owner, gone, "invite-again")


def test_the_last_owner_stays_and_stays_an_owner(owner):
    me = member("robin@clinic.example")
    assert "the last owner who can sign in" in act(owner, me, "deactivate")
    owner.post(f"/staff/team/{me.id}", data={"roles": ["editor"], "practitioner": "0"})
    assert "the last owner who can sign in" in owner.get(f"/staff/team/{me.id}").text
    found = member("robin@clinic.example")
    assert (found.active, found.role_names) == (True, ["owner"])
    assert actions() == []


def test_of_two_owners_who_deactivate_each_other_at_once_one_stays(app, owner):
    first, second = member("robin@clinic.example"), new_member("owner")
    browsers = {second.id: owner, first.id: client_of(app, second)}
    prove(browsers[first.id])
    start = threading.Barrier(2)

    def deactivate(number: int, browser) -> None:
        start.wait()
        browser.post(f"/staff/team/{number}/deactivate")

    threads = [threading.Thread(target=deactivate, args=pair) for pair in browsers.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert len(db.session.scalars(select(Member).where(Member.active)).all()) == 1


def test_changing_accounts_asks_for_the_password_first(app, staff):
    browser = staff("owner")
    kit = new_member("editor")
    assert browser.get("/staff/team").status_code == 200
    assert browser.get("/staff/team/invite").location == "/staff/confirm?next=/staff/team/invite"
    answer = browser.post(f"/staff/team/{kit.id}/deactivate")
    assert answer.location == f"/staff/confirm?next=/staff/team/{kit.id}"
    db.session.rollback()
    assert db.session.get(Member, kit.id).active


@pytest.mark.parametrize("number", [0, 999, 2**31, 10**30])
def test_members_that_nobody_is_are_not_found(owner, number):
    for path in ("", "/deactivate", "/activate", "/sign-out", "/reset-second-factor", "/invite-again"):
        assert is_told_gone(owner, f"/staff/team/{number}{path}")


def test_the_list_asks_the_database_as_often_whatever_its_length(app, owner):
    few = count(lambda: owner.get("/staff/team"))
    for _ in range(12):
        set_up_app(new_member("editor"))
    with database.transaction():
        invitations.invite(invitations.Invited(email="kit@clinic.example", roles=("editor",)), by=None)
    assert count(lambda: owner.get("/staff/team")) == few
