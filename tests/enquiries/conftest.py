"""Enquiries that have come, and two of staff who look after them."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from clinic_app.accounts.models import Member
from clinic_app.database import transaction
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.factories import enquire


@pytest.fixture
def receive(app):
    """Receives an enquiry, and gives it: `receive(message="...")`."""
    counter = iter(range(10**6))

    def receive(**changes) -> Enquiry:
        with transaction():
            return enquire(**{"nonce": f"n-{next(counter)}"} | changes)

    return receive


@pytest.fixture
def people(app):
    """Robin and Kit of staff."""
    with transaction() as session:
        members = {
            name: Member(name=f"{name.title()} Invented", email=f"{name}@clinic.example", role_names=["reception"])
            for name in ("robin", "kit")
        }
        session.add_all(members.values())
    return SimpleNamespace(**members)


@pytest.fixture
def do(app):
    """Calls a function on an enquiry in a transaction of its own: `do(states.close, enquiry, by=robin)`."""

    def do(function, *args, **given):
        with transaction():
            return function(*args, **given)

    return do


@pytest.fixture
def mails(app):
    """Reads (name, address) of all mails in order of queueing."""

    def read() -> list[tuple[str, str]]:
        db.session.rollback()
        return [(m.name, m.to_address) for m in db.session.scalars(select(OutboxMail).order_by(OutboxMail.id))]

    return read
