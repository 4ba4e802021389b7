"""`flask enquiries`."""

import pytest
from sqlalchemy import select

from clinic_app.accounts.models import AuditEntry
from clinic_app.database import transaction
from clinic_app.enquiries import inbox, privacy
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.factories import enquire
from tests.reading import how_many


@pytest.fixture
def flask(app):
    def run(*words):
        return app.test_cli_runner().invoke(args=["enquiries", *words])

    return run


def receive(**changes) -> str:
    with transaction():
        return enquire(**changes).reference


def test_enquiries_are_listed_newest_first_and_shown_whole(flask):
    receive(message="The first")
    reference = receive(message="The second, with a\nsecond line", nonce="n-2")
    lines = flask("list").output.splitlines()
    assert "The second" in lines[0]
    assert "The first" in lines[1]
    shown = flask("show", reference).output
    assert "Email: robin@example.org" in shown
    assert "second line" in shown


def test_what_was_held_as_spam_is_sent_once_it_is_not(flask):
    reference = receive(honeypot="x")
    assert "the hidden field was filled in" in flask("show", reference).output
    assert how_many(OutboxMail) == 0
    assert flask("not-spam", reference).output == "Taken back; its mails are queued.\n"
    assert how_many(OutboxMail) == 2
    assert "not held as spam" in flask("not-spam", reference).output
    flask("spam", reference)
    assert flask("not-spam", reference).output == "Taken back as it was.\n"
    assert how_many(OutboxMail) == 2, "no mail goes twice"
    trail = [(entry.by, entry.action) for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    taken_back = ("command line", "marked as not spam")
    assert trail == [taken_back, ("command line", "marked as spam"), taken_back]


def test_what_was_made_anonymous_is_left_as_it_is(flask):
    number = inbox.find(receive(honeypot="x")).id
    with transaction():
        privacy.anonymise([number])
    reference = inbox.latest()[0].reference
    for command in ("spam", "not-spam"):
        assert flask(command, reference).output == "Error: That enquiry was made anonymous. Nothing was changed.\n"
    assert how_many(OutboxMail) == 0


def test_an_unknown_reference_is_said_to_be_one(flask):
    result = flask("show", "123")
    assert result.exit_code == 1
    assert "There is no enquiry '123'" in result.output
