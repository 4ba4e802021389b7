"""Every address of the staff area, walked by an owner, by members whose roles do not reach it, by a stranger."""

import pytest

from clinic_app import database
from clinic_app.accounts.roles import ROLES

from .things import make_things

METHODS = ("GET", "POST")
# Where people come who are not signed in yet, and what they find there with the tokens of this test.
BEFORE_SIGN_IN = {
    "security.login",
    "security.logout",
    "security.forgot_password",
    "security.reset_password",
    "security.mf_recovery",
    "security.two_factor_token_validation",
    "security.two_factor_setup",
    "security.tf_select",
    "security.two_factor_rescue",
    "security.wan_signin",
    "security.wan_signin_response",
    "welcome.member",
    "welcome.first_owner",
}


@pytest.fixture
def things(app):
    """One of everything that an address can name: the addresses' arguments."""
    with database.transaction():
        return make_things()


@pytest.fixture
def addresses(app, things):
    """(endpoint, method, path) of every address under /staff."""
    found = []
    with app.test_request_context("/staff"):
        for rule in app.url_map.iter_rules():
            if not rule.rule.startswith("/staff") or rule.endpoint.endswith("static"):
                continue
            unknown = rule.arguments - set(things)
            assert not unknown, f"{rule.rule}: say in things.py what {unknown} may be"
            path = app.url_for(rule.endpoint, **{name: things[name] for name in rule.arguments})
            found += [(rule.endpoint, method, path) for method in METHODS if method in rule.methods]
    assert len(found) > 120
    return found


def needs_of(app, endpoint: str) -> list[tuple[str, ...]]:
    """What a member needs to get there: one permission of each."""
    name = endpoint.rpartition(".")[0]
    blueprint, view = app.blueprints.get(name), app.view_functions[endpoint]
    return [needs for place in (blueprint, view) if (needs := getattr(place, "needs", ()))]


def may_enter(role: str, needs: list[tuple[str, ...]]) -> bool:
    return all(ROLES[role].permissions.intersection(any_of) for any_of in needs)


def send(client, method: str, path: str):
    client.check_pages = not path.endswith("/body")  # a mail, which has its own rules
    answer = client.open(path, method=method)
    assert answer.status_code < 500, (method, path, answer.status_code)
    return answer


def test_an_owner_gets_everywhere(staff, addresses):
    for endpoint, method, path in addresses:
        if endpoint == "security.logout":
            continue
        answer = send(staff("owner"), method, path)  # a new one, since some addresses sign out
        assert answer.status_code not in (401, 403, 405), (method, path, answer.status_code)


@pytest.mark.parametrize("role", [name for name in ROLES if name != "owner"])
def test_a_role_gets_no_further_than_it_reaches(app, staff, addresses, things, role):
    member = staff(role)
    for endpoint, method, path in addresses:
        if endpoint == "security.logout" or not (needs := needs_of(app, endpoint)):
            continue
        answer = send(member, method, path)
        if may_enter(role, needs):
            continue
        assert answer.status_code == 403, (role, method, path, answer.status_code)
        assert "Your role doesn’t go this far" in answer.text


def test_a_stranger_gets_nowhere(there, addresses):
    for endpoint, method, path in addresses:
        answer = send(there, method, path)
        if endpoint in BEFORE_SIGN_IN:
            continue
        if method == "POST" and endpoint.startswith("staff."):
            assert answer.status_code == 401, (path, answer.status_code)
            assert "You are signed out" in answer.text
        else:
            assert answer.status_code == 302, (method, path, answer.status_code)
            assert answer.location.startswith("/staff/sign-in"), (path, answer.location)


def test_every_form_from_another_site_is_refused(staff, addresses):
    owner = staff("owner")
    owner.environ_base["HTTP_SEC_FETCH_SITE"] = "cross-site"
    for _, method, path in addresses:
        if method == "POST":
            assert send(owner, method, path).status_code == 403, path


def test_numbers_that_nothing_has_are_answered_not_found(app, staff, things):
    owner = staff("owner")
    with app.test_request_context("/staff"):
        paths = [
            app.url_for(rule.endpoint, **(things | dict.fromkeys(numbers, 2**40)))
            for rule in app.url_map.iter_rules()
            if rule.endpoint.startswith("staff.")
            and (numbers := [name for name in rule.arguments if name.endswith("_id")])
            and "GET" in rule.methods
        ]
    for path in paths:
        assert send(owner, "GET", path).status_code == 404, path


def test_where_nothing_is_members_keep_their_rail_and_strangers_see_the_page_for_everybody(client, staff):
    assert "Staff area" in staff("owner").get("/staff/nothing").text
    answer = client.get("/staff/nothing")
    assert answer.status_code == 404
    assert "Staff area" not in answer.text
