"""The pages behind an invitation's link."""

import pytest

from clinic_app import database
from clinic_app.accounts import invitations, members
from clinic_app.accounts.invitations import Invited
from tests.reading import actions

from .conftest import new_member

CASEY = Invited(email="casey@clinic.example", roles=("reception",), name="Casey Invented")
TYPED = {"name": "Casey Made-Up", "password": "four words in a row"}


def link(invited: Invited = CASEY) -> str:
    with database.transaction():
        return "/staff" + invitations.invite(invited, by=None).partition("/staff")[2]


def test_the_invited_choose_a_password_and_are_in(there):
    path = link()
    page = there.get(path).text
    assert "casey@clinic.example" in page
    assert "Casey Invented" in page
    answer = there.post(path, data=TYPED)
    assert answer.status_code == 303
    page = there.get(answer.location).text
    assert "Welcome to the staff area" in page
    assert "Casey Made-Up" in page
    assert there.post(path, data=TYPED).status_code == 410
    assert actions()[:2] == ["invited", "joined"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Enter your name"),
        ({"name": "x" * 201}, "Shorten your name"),
        ({"password": ""}, "Enter a password"),
        ({"password": "eleven char"}, "12 characters"),
        ({"password": "x" * 129}, "128 characters"),
    ],
)
def test_what_is_wrong_is_said_and_the_link_stays_good(there, typed, said):
    path = link()
    answer = there.post(path, data=TYPED | typed)
    assert answer.status_code == 200
    assert "<title>Error: Welcome" in answer.text
    assert said in answer.text
    assert there.post(path, data=TYPED).status_code == 303


def test_opening_the_link_uses_nothing_up(there):
    path = link()
    for _ in range(3):
        assert there.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/staff/welcome/x", "/staff/welcome/" + "é" * 300])
def test_a_link_that_is_void_says_what_to_do(there, path):
    answer = there.get(path)
    assert answer.status_code == 410
    assert "ask the person who invited you" in answer.text


def test_an_owners_link_that_is_too_old_says_where_a_new_one_comes_from(there):
    answer = there.get("/staff/first/x")
    assert answer.status_code == 410
    assert "Start the site again" in answer.text
    assert "/staff/sign-in" not in answer.text  # nobody could


def test_an_owners_link_that_was_used_leads_to_signing_in(there):
    path = "/staff" + invitations.first_owner_url().partition("/staff")[2]
    there.post(path, data=TYPED | {"email": "robin@clinic.example"})
    answer = there.get(path)
    assert answer.status_code == 410
    assert "ask them for an invitation" in answer.text
    assert 'href="/staff/sign-in"' in answer.text
    assert 'href="/staff/reset"' in answer.text


def test_who_was_signed_in_here_before_is_signed_out_first(staff):
    owner = staff("owner")
    assert owner.post(link(), data=TYPED).status_code == 303
    assert "Casey Made-Up" in owner.get("/staff").text


def test_the_first_owner_gives_an_address_too(there):
    path = "/staff" + invitations.first_owner_url().partition("/staff")[2]
    assert "You’ll be the first" in there.get(path).text
    page = there.post(path, data={}).text  # whose order `tests.page` looks at
    assert page.index("Enter your email address") < page.index("Enter your name") < page.index("Enter a password")
    assert there.post(path, data=TYPED | {"email": "Robin@clinic.example"}).status_code == 303
    assert members.with_address("robin@clinic.example").role_names == ["owner"]
    assert there.get(path).status_code == 410
    assert there.get("/staff").status_code == 200


def test_the_first_owner_comes_after_others_were_invited(there):
    link()
    link(Invited(email="robin@clinic.example", roles=("practitioner",)))
    new_member("editor", email="kit@clinic.example")
    path = "/staff" + invitations.first_owner_url().partition("/staff")[2]
    assert "This site has no owner yet." in there.get(path).text
    answer = there.post(path, data=TYPED | {"email": "kit@clinic.example"})
    assert "Someone on the team has this address already" in answer.text
    assert there.post(path, data=TYPED | {"email": "robin@clinic.example"}).status_code == 303
    assert members.with_address("robin@clinic.example").role_names == ["owner"]
    assert there.get("/staff/team").status_code == 200


def test_no_first_owner_where_an_owner_is_there(there):
    path = "/staff" + invitations.first_owner_url().partition("/staff")[2]
    new_member("owner")
    assert there.get(path).status_code == 410
    assert there.post(path, data=TYPED | {"email": "robin@clinic.example"}).status_code == 410
