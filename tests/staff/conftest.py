"""Invented members of staff, signed in as a browser is."""

import itertools

import pytest
from argon2 import PasswordHasher

from clinic_app import database
from clinic_app.accounts import sign_ins
from clinic_app.accounts.models import Member
from clinic_app.extensions import db
from clinic_app.staff.gone import REMOVED
from clinic_app.text import markup

NUMBERS = itertools.count(1)
PASSWORD = "a long enough password"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(
    PASSWORD
)  # made and checked quickly


def new_member(*roles: str, practitioner=None, **columns) -> Member:
    """A member with these roles, stored; invented."""
    number = next(NUMBERS)
    with database.transaction():
        member = Member(
            **{
                "name": f"Casey Invented {number}",
                "email": f"casey{number}@clinic.example",
                "password": PASSWORD_HASH,
                **columns,
            },
            role_names=list(roles),
            practitioner_id=practitioner and practitioner.id,
        )
        db.session.add(member)
    return member


def browser(app):
    """A browser in which nobody is signed in."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"  # as browsers say of forms of this site
    return client


def client_of(app, member: Member):
    """A browser in which the member is signed in."""
    client = browser(app)
    with database.transaction():
        token = sign_ins.start(member, browser="Firefox on Linux")
        name = member.fs_uniquifier
    with client.session_transaction("/staff") as session:
        session.update(_user_id=name, _fresh=True, sign_in=token)
    client.member_id = member.id
    return client


def is_told_gone(client, path: str, data: dict | None = None) -> bool:
    """Whether a change of what is not there, or not theirs, leads to a list that says so."""
    answer = client.post(path, data=data)
    return answer.status_code == 303 and REMOVED in client.get(answer.location).text


@pytest.fixture
def staff(app):
    """`staff("reception")` is the browser of a new member with that role; `client` is a stranger's."""
    return lambda *roles, **columns: client_of(app, new_member(*roles, **columns))


@pytest.fixture
def render_before_writing(monkeypatch):
    """Once called, a text that is rendered in a transaction for which other writers wait is a failure."""

    def render(text, really=markup.render):
        assert not database.is_writing()
        return really(text)

    return lambda: monkeypatch.setattr(markup, "render", render)


@pytest.fixture
def casey(app) -> Member:
    """A member who can sign in."""
    return new_member("editor", name="Casey Invented", email="casey@clinic.example")


@pytest.fixture
def there(app):
    """A browser in which nobody is signed in."""
    return browser(app)
