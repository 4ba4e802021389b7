"""A backup that is restored brings erased people back; they are erased again."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select

from clinic_app import clock, database
from clinic_app.enquiries import senders
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.people import erasing, finding
from clinic_app.people.erasing import Decision
from clinic_app.people.identities import parse
from clinic_app.people.models import ANONYMOUS, ERASED, Erasure

from ..factories import enquire
from ..reading import how_many
from .conftest import JO, left_of_jo, stored

KINDS = pytest.mark.parametrize("kind", [ANONYMOUS, ERASED])


@pytest.fixture
def flask(app):
    return lambda args: app.test_cli_runner().invoke(args=args)


def leave_an_enquiry(**changes):
    with database.transaction():
        ordinary = {"name": JO.name, "email": JO.email, "phone": "", "message": "I fell off a trapeze."}
        return enquire(**(ordinary | changes)).id


def erase(kind):
    person = finding.find([parse("jo.f@example.org")])
    with database.transaction():
        erasing.erase(
            person.identities, Decision(kind=kind, reason="asked", seen=person.fingerprint, checked=True)
        )


def test_erasures_are_printed_without_anybodys_details(noon, flask):
    leave_an_enquiry()
    erase(ERASED)
    answer = flask(["people", "erasures"])
    assert answer.exit_code == 0
    assert len(answer.output.splitlines()) == 1
    assert not [word for word in ("jo.f", "fictional", "trapeze") if word in answer.output.lower()]


@KINDS
def test_who_is_back_after_a_restore_is_erased_again_and_who_came_later_is_not(noon, flask, tmp_path, kind):
    leave_an_enquiry(nonce="before")
    backed_up_at = clock.now()
    noon.shift(timedelta(hours=1))
    erase(kind)
    kept = tmp_path / "erasures.jsonl"
    kept.write_text(flask(["people", "erasures"]).output, encoding="utf-8")
    # The backup is restored: the enquiry is back, and the erasure is not known.
    with database.transaction() as session:
        session.execute(delete(Enquiry))
        session.execute(delete(Erasure))
    with database.transaction():
        again = enquire(name=JO.name, email=JO.email, phone="", message="A trapeze.", nonce="again")
        again.received_at = backed_up_at
    noon.shift(timedelta(hours=1))
    later = leave_an_enquiry(message="I would like to come after all.", nonce="later")
    answer = flask(["people", "erase-again", "--dry-run", str(kept)])
    assert "were back: 1" in answer.output
    assert "trapeze" in stored()
    answer = flask(["people", "erase-again", str(kept)])
    assert answer.exit_code == 0, answer.output
    assert "did not know: 1" in answer.output
    assert "enquiries 1" in answer.output
    assert "trapeze" not in stored()
    assert db.session.get(Enquiry, later).message == "I would like to come after all."
    assert how_many(Erasure) == 1
    assert "nothing" in flask(["people", "erase-again", str(kept)]).output


@KINDS
def test_what_the_backup_has_under_an_address_that_was_corrected_since_is_erased_again_alone(noon, flask, kind):
    """Whoever the mistyped address belongs to keeps what is theirs."""
    mine = leave_an_enquiry(email="oj.f@example.org", nonce="mine")
    theirs = leave_an_enquiry(
        name="Oj Invented", email="oj.f@example.org", message="Have you a lift?", nonce="theirs"
    )
    table = Enquiry.__table__
    backed_up = db.session.execute(select(table).where(table.c.id == mine)).mappings().one()
    with database.transaction() as session:
        senders.correct(session.get_one(Enquiry, mine), name=JO.name, email=JO.email, phone="", by=None)
    erase(kind)
    with database.transaction() as session:
        session.execute(delete(table).where(table.c.id == mine))
        session.execute(insert(table).values(**backed_up))
    assert "trapeze" in stored()
    answer = flask(["people", "erase-again"])
    assert "were back: 1" in answer.output
    assert "trapeze" not in stored()
    assert db.session.get(Enquiry, theirs).message == "Have you a lift?"
    assert "were back: 0" in flask(["people", "erase-again"]).output


def test_a_file_of_something_else_is_refused_and_changes_nothing(noon, flask, tmp_path):
    file = tmp_path / "erasures.jsonl"
    file.write_text('{"kind": "erased"}\n', encoding="utf-8")
    answer = flask(["people", "erase-again", str(file)])
    assert answer.exit_code == 1
    assert "Nothing was changed" in answer.output


def test_with_another_key_nobody_can_be_told_from_the_hashes(noon, flask, app, monkeypatch):
    leave_an_enquiry()
    erase(ERASED)
    leave_an_enquiry(nonce="again")
    monkeypatch.setitem(app.config, "SECRET_KEY", "another key of forty characters or so...")
    assert "were back: 0" in flask(["people", "erase-again"]).output
    assert left_of_jo()


def test_a_file_that_is_no_note_at_all_is_refused(flask, tmp_path):
    (tmp_path / "note").write_bytes(b"\xff\x00")
    answer = flask(["people", "erase-again", str(tmp_path / "note")])
    assert (answer.exit_code, "Nothing was changed" in answer.output) == (1, True)
