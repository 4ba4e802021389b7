"""How often one mailbox is told that a message has come."""

import pytest
from sqlalchemy import select

from clinic_app import database
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.mail.addresses import mailbox
from clinic_app.mail.models import OutboxMail
from tests.factories import enquire


@pytest.fixture(autouse=True)
def limits(with_settings):
    with_settings(rate_limits="on")


def receive(*emails: str) -> None:
    for number, email in enumerate(emails):
        with database.transaction():
            enquire(email=email, nonce=f"n-{number}", message=f"Question {number}")


def told(name: str) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMail.to_address).where(OutboxMail.name == name)))


def test_a_stranger_is_told_five_times_a_day_whatever_stands_behind_the_plus(app):
    receive(*(f"{'Kit' if n % 2 else 'kit'}+{n}@example.org" for n in range(8)), "robin@example.org")
    assert len(told("enquiry_received")) == 6
    assert "robin@example.org" in told("enquiry_received")


def test_every_enquiry_is_stored_and_told_to_staff(app):
    receive(*["kit@example.org"] * 8)
    assert len(told("enquiry_for_staff")) == 8
    assert len(db.session.scalars(select(Enquiry)).all()) == 8


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("Kit@Example.org", "kit@example.org"),
        ("kit+a+b@example.org", "kit@example.org"),
        ("+kit@example.org", "+kit@example.org"),
        ('"a+b@c"@example.org', '"a@example.org'),
    ],
)
def test_a_mailbox_is_an_address_without_what_stands_behind_a_plus(address, whose):
    assert mailbox(address) == whose
