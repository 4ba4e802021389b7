"""`flask staff`."""

import pytest
from sqlalchemy import select

from clinic_app.accounts.models import AuditEntry
from clinic_app.booking import links, profiles
from clinic_app.database import transaction
from clinic_app.enquiries import states
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.factories import enquire
from tests.staff.conftest import new_member


@pytest.fixture
def flask(app):
    def run(*words):
        return app.test_cli_runner().invoke(args=["staff", *words])

    return run


def test_an_invitation_is_printed_mailed_and_in_the_trail(flask):
    result = flask("invite", "Casey@clinic.example", "--role", "editor", "--role", "reception", "--name", "Casey")
    assert result.output.startswith("https://clinic.example/staff/welcome/")
    assert result.output.strip() in db.session.scalars(select(OutboxMail.text_body)).one()
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.by, entry.action, entry.details) == (
        "command line",
        "invited",
        {"roles": ["editor", "reception"]},
    )
    assert "casey@clinic.example  Casey  editor, reception  invited, password only" in flask("list").output


def test_a_practitioner_comes_with_a_calendar(flask):
    with transaction():
        profiles.save_practitioner("robin-sample", name="Robin Sample")
    assert "--practitioner" in flask("invite", "robin@clinic.example", "--role", "practitioner").output
    args = ("invite", "robin@clinic.example", "--role", "practitioner", "--practitioner")
    assert "no practitioner 'kit'" in flask(*args, "kit").output
    assert flask(*args, "robin-sample").exit_code == 0


def test_refusals_are_told_in_words(flask):
    new_member("owner", email="robin@clinic.example")
    new_member("editor", email="kit@clinic.example", active=False, password=None)
    invite = ("--role", "editor")
    assert "is a member of staff already" in flask("invite", "robin@clinic.example", *invite).output
    assert "activate them first" in flask("invite", "kit@clinic.example", *invite).output
    assert "is not an email address" in flask("invite", "kit", *invite).output
    assert "Nobody of staff has the address" in flask("deactivate", "casey@clinic.example").output
    assert "the last owner" in flask("deactivate", "robin@clinic.example").output
    assert "the last owner" in flask("roles", "robin@clinic.example", *invite).output


@pytest.mark.parametrize("words", [("deactivate",), ("activate",), ("sign-out",), ("reset-second-factor",)])
def test_changes_say_what_they_did(flask, words):
    new_member("editor", email="kit@clinic.example")
    result = flask(*words, "kit@clinic.example")
    assert result.exit_code == 0
    assert result.output.startswith("kit@clinic.example ")


def test_enquiries_of_who_leaves_are_nobodys(flask):
    kit = new_member("reception", email="kit@clinic.example")
    with transaction():
        enquiry = enquire()
        states.assign(enquiry, to=kit)
    assert flask("deactivate", "kit@clinic.example").output.endswith("Nobody's any more: 1 enquiry.\n")
    db.session.refresh(enquiry)
    assert enquiry.owner_id is None
    told = db.session.execute(select(AuditEntry.by, AuditEntry.details).filter_by(action="assigned")).all()
    assert told == [("command line", {"to": None})]


def test_the_calendar_of_who_is_deactivated_opens_no_more(flask):
    kit = new_member("practitioner", email="kit@clinic.example")
    with transaction():
        robin = profiles.save_practitioner("robin", name="Robin Sample")
        db.session.merge(kit).practitioner_id = robin.id
        links.new_feed_url(robin)
    told = "The secret address of their calendar no longer works.\n"
    assert flask("deactivate", "kit@clinic.example").output.endswith(told)
    assert not flask("deactivate", "kit@clinic.example").output.endswith(told)
    db.session.refresh(robin)
    assert robin.feed_token_hash is None


def test_who_has_never_joined_is_told_to_be_invited_again(flask):
    new_member("editor", email="kit@clinic.example", active=False, password=None)
    assert flask("activate", "kit@clinic.example").output == "kit@clinic.example can be invited again.\n"


def test_roles_are_replaced(flask):
    new_member("editor", email="kit@clinic.example")
    assert flask("roles", "kit@clinic.example", "--role", "owner").output == "kit@clinic.example is now owner.\n"


def test_the_first_owners_link_is_told_at_each_start_until_an_owner_is_there(app, monkeypatch):
    monkeypatch.delenv("CLINIC_LISTEN", raising=False)
    new_member("reception")
    new_member("owner", password=None)  # invited, and may never come
    for _ in range(2):
        result = app.test_cli_runner().invoke(args=["setup", "--no-starter"])
        assert "https://clinic.example/staff/first/" in result.stderr
        assert "/staff/first/" not in result.stdout
    assert not db.session.scalars(select(OutboxMail)).all(), "it is not mailed"
    new_member("owner")
    assert "/staff/first/" not in app.test_cli_runner().invoke(args=["setup", "--no-starter"]).output
