# ruff: noqa: F811  fixtures that are imported
"""`flask encrypt`: no word of a patient's can be read in the database, and everything reads as ever."""

import errno
import os
import shutil
import stat
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select, text

from clinic_app import database
from clinic_app.accounts.models import AuditEntry
from clinic_app.booking import changes
from clinic_app.booking.models import Appointment
from clinic_app.checks import SettingsError
from clinic_app.enquiries import entries, search
from clinic_app.enquiries.models import Enquiry, EnquiryEntry
from clinic_app.extensions import db
from clinic_app.keys import encryption, sealing
from clinic_app.mail.models import OutboxMail
from clinic_app.mail.worker import Worker
from clinic_app.people import export, finding
from clinic_app.people.identities import parse

from .. import databases
from ..booking.conftest import at, clinic  # noqa: F401  fixtures
from ..factories import enquire
from ..locks import ON_POSTGRESQL, begin
from ..people.conftest import WORDS, jo, noon, stored  # noqa: F401  fixtures
from ..server import DEADLINE_SECONDS
from ..staff.conftest import staff  # noqa: F401  a fixture

WRITTEN = ("kneecap", "trapeze", "walrus", "telegram", "hamstring")
assert set(WRITTEN) < set(WORDS)


@pytest.fixture
def run(app):
    """Runs `flask encrypt ...` on a site whose keys are gone afterwards."""

    def run(*words):
        result = app.test_cli_runner().invoke(args=["encrypt", *words])
        db.session.rollback()
        db.session.expire_all()
        return result

    yield run
    restart(app, forget_keys=True)
    shutil.rmtree(Path(app.instance_path) / "outbox", ignore_errors=True)


def key_file(app) -> Path:
    return Path(app.instance_path) / "encryption_keys"


def restart(app, *, forget_keys=False, **environ) -> None:
    """As a server that starts anew, with or without the file of keys."""
    if forget_keys:
        key_file(app).unlink(missing_ok=True)
    encryption.init_app(app, environ)


def written_in_database() -> list[str]:
    everything = stored()
    return [word for word in WRITTEN if word in everything]


def raw_texts() -> list[str]:
    """What stands in columns of texts that are never empty, past the program."""
    queries = ("SELECT message FROM enquiries", "SELECT text_body FROM mail_outbox")
    return [raw for query in queries for raw in db.session.scalars(text(query))]


def found(words: str) -> int:
    return len(db.session.scalars(search.words(words).by_index).all())


def told(model) -> list[tuple]:
    """All rows with their sealed columns, as the program reads them."""
    columns = sealing.tables()[model.__table__]
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(model.id))]


def test_before_it_is_turned_on_the_words_can_be_read(jo):
    assert written_in_database() == list(WRITTEN)
    assert found("trapeze") == 1


def test_once_it_is_on_no_word_is_left_in_any_table_or_index_and_all_reads_as_ever(app, run, jo):
    before = [told(model) for model in (Enquiry, EnquiryEntry, Appointment, OutboxMail)]
    result = run("on")
    assert result.exit_code == 0, result.output
    assert "Keep a copy of the key" in result.output
    assert ("servers on other machines" in result.output) is not database.is_sqlite()
    assert stat.S_IMODE(key_file(app).stat().st_mode) == 0o600
    assert written_in_database() == []
    assert [told(model) for model in (Enquiry, EnquiryEntry, Appointment, OutboxMail)] == before
    assert [entry.action for entry in db.session.scalars(select(AuditEntry))] == ["turned encryption on"]


@pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)
def test_sqlites_file_holds_no_word_either(app, run, jo):
    """In PostgreSQL its VACUUM FULL sees to that."""
    run("on")
    db.session.remove()
    db.engine.dispose()
    for path in Path(app.instance_path).glob("clinic.sqlite*"):
        content = databases.bytes_of(path).lower()
        assert [word for word in WRITTEN if word.encode() in content] == [], path.name


def test_what_comes_in_while_it_is_on_is_never_written_plain(run, jo):
    run("on")
    with database.transaction():
        enquiry = enquire(message="An albatross bit me.", nonce="later")
        entries.note(enquiry, text="Call about the albatross.", by=None)
    assert "albatross" not in stored()
    db.session.expire_all()
    assert db.session.get(Enquiry, enquiry.id).message == "An albatross bit me."
    assert "An albatross bit me." in " ".join(db.session.scalars(select(OutboxMail.text_body)))


@ON_POSTGRESQL
def test_what_is_just_being_stored_while_it_is_turned_on_is_encrypted_too(app, run, jo):
    with database.transaction():
        enquire(message="An albatross bit me.", nonce="later")
        turning_on = begin(app, lambda: run("on"))
    turning_on.join(DEADLINE_SECONDS)
    assert "albatross" not in stored()


@ON_POSTGRESQL
def test_words_that_are_changed_while_a_walk_comes_by_are_not_written_over(app, run, jo):
    encryption.keys().keep(encryption.Keyring((encryption.new_key(),), writes=True))
    table = Enquiry.__table__

    def walk():
        with database.transaction():
            sealing.rewrite_some(table, sealing.tables()[table], after=0)

    with database.transaction() as session:
        session.execute(text("UPDATE enquiries SET message = 'An albatross bit me.'"))
        walking = begin(app, walk)
    walking.join(DEADLINE_SECONDS)
    db.session.expire_all()
    assert db.session.get(Enquiry, jo.enquiry).message == "An albatross bit me."


def test_search_finds_people_but_no_words_of_messages_until_it_is_off_again(run, jo):
    run("on")
    assert (found("trapeze"), found("fictional"), found("jo.f@example.org"), found("0491 570 156")) == (0, 1, 1, 1)
    run("off")
    assert (found("trapeze"), found("fictional")) == (1, 1)


def test_the_page_of_enquiries_says_what_search_cannot_find(run, jo, staff):
    client = staff("reception")
    assert "are not searched" not in client.get("/staff/enquiries").text
    run("on")
    page = client.get("/staff/enquiries?state=all").text
    assert "Messages are encrypted: words in them are not searched." in page
    assert "I fell off a trapeze." in page


def test_a_new_key_takes_over_and_the_old_one_opens_backups_only(app, run, jo):
    run("on")
    old = key_file(app).read_text().split()
    assert run("rotate").exit_code == 0
    new, *others = key_file(app).read_text().split()
    assert others == old
    restart(app, CLINIC_ENCRYPTION_KEYS=new)
    assert db.session.get(Enquiry, jo.enquiry).message == "I fell off a trapeze."
    assert encryption.UNREADABLE not in stored()
    assert all(all(row) for row in told(EnquiryEntry))
    assert not any(isinstance(value, encryption.Unreadable) for row in told(OutboxMail) for value in row)


def test_off_gives_everything_back(app, run, jo):
    run("on")
    assert all(raw.startswith(encryption.MARK) for raw in raw_texts())
    result = run("off")
    assert result.exit_code == 0, result.output
    assert written_in_database() == list(WRITTEN)
    assert not any(raw.startswith(encryption.MARK) for raw in raw_texts())


def test_a_walk_that_was_broken_off_is_begun_again(app, run, jo, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    encryption.keys().keep(encryption.Keyring((encryption.new_key(),), writes=True))
    with database.transaction():
        table, columns = next(iter(sealing.tables().items()))
        assert len(sealing.rewrite_some(table, columns, after=0).changed) > 0
    assert written_in_database()
    assert run("on").exit_code == 0
    assert written_in_database() == []
    assert "0 rows were written anew" in run("on").output


def test_the_same_form_and_the_same_words_are_still_known(run, jo):
    run("on")
    sent = {"message": "Buy followers at http://spam.example now, all of them.", "nonce": "n-9"}
    with database.transaction():
        first = enquire(**sent)
        assert enquire(**sent) is first
        again = enquire(**(sent | {"nonce": "n-10"}))
    assert any("the same words came before" in reason for reason in again.spam_reasons)


def test_repeats_of_what_came_before_it_was_on_are_still_told(run, app):
    words = "Buy followers at http://spam.example now, all of them."
    with database.transaction():
        enquire(message=words, nonce="n-1")
    run("on")
    with database.transaction():
        again = enquire(message=words, nonce="n-2")
    assert any("the same words came before" in reason for reason in again.spam_reasons)


def test_a_persons_file_reads_as_ever(run, jo):
    run("on")
    person = finding.find([parse("jo.f@example.org")])
    with export.write(person) as file, zipfile.ZipFile(file) as archive:
        details = archive.read("details.json").decode()
    assert [word for word in WRITTEN if word in details] == list(WRITTEN)


def test_a_missing_key_is_said_in_words_and_is_no_fault(app, run, jo, staff):
    run("on")
    restart(app, forget_keys=True)
    owner = staff("owner")
    reference = db.session.get(Enquiry, jo.enquiry).reference
    mail_id = db.session.scalars(select(OutboxMail.id)).first()
    for path in (
        f"/staff/enquiries/{reference}",
        "/staff/enquiries?state=all",
        f"/staff/appointments/{jo.moved}",
        f"/staff/mail/{mail_id}",
    ):
        answer = owner.get(path)
        assert (answer.status_code, path) == (200, path)
        assert "the key that it was encrypted with is missing" in answer.text, path
    result = run("off")
    assert result.exit_code == 1
    assert "rows cannot be read" in result.output


def test_the_status_says_what_is_wrong_with_the_keys(app, run, jo):
    assert "Encryption is off. Keys: 0" in run("status").output
    run("on")
    assert run("status").output == f"Encryption is on. Keys: 1 in {key_file(app)}.\n"
    key_file(app).chmod(0o644)
    assert "chmod 600" in run("status").output
    restart(app, forget_keys=True)
    result = run("status")
    assert result.exit_code == 1
    assert "cannot be read" in result.output


def test_mails_wait_while_their_key_is_missing(app, run, jo, noon):
    run("on")
    key = key_file(app).read_text()
    waiting = db.session.scalar(select(OutboxMail.id).where(OutboxMail.state == "queued"))
    restart(app, forget_keys=True)
    Worker(app, say=len).run_once()
    db.session.rollback()
    assert db.session.get(OutboxMail, waiting).state == "queued"
    assert "encrypted with is missing" in db.session.get(OutboxMail, waiting).last_error
    key_file(app).write_text(key)
    noon.shift(3600)
    Worker(app, say=len).run_once()
    db.session.rollback()
    assert db.session.get(OutboxMail, waiting).state == "sent"


@pytest.mark.parametrize("lose", [Path.unlink, lambda file: file.write_text("\n")])
def test_a_file_of_keys_that_vanishes_or_is_emptied_while_a_server_runs_does_not_turn_it_off(app, run, jo, lose):
    run("on")
    lose(key_file(app))
    with database.transaction():
        enquire(message="An albatross bit me.", nonce="later")
    assert "albatross" not in stored()
    assert encryption.UNREADABLE not in db.session.scalars(select(Enquiry.message)).all()


def test_a_file_that_says_off_and_has_no_key_turns_it_off(app, run, jo):
    run("on")
    key_file(app).write_text("off\n")
    with database.transaction():
        enquire(message="An albatross bit me.", nonce="later")
    assert "albatross" in stored(), "else by a key that nobody has"


def test_a_running_server_follows_the_file(app, run, jo):
    other = encryption.Keys(key_file(app), None)
    assert not other.current().writes
    run("on")
    assert other.current() == encryption.keyring()


def test_keys_can_be_given_by_a_variable_and_are_changed_there(app, run, jo):
    first, second = encryption.new_key(), encryption.new_key()
    restart(app, CLINIC_ENCRYPTION_KEYS=first)
    assert run("on").exit_code == 0
    assert written_in_database() == []
    assert not key_file(app).exists()
    assert "CLINIC_ENCRYPTION_KEYS" in run("off").output
    restart(app, CLINIC_ENCRYPTION_KEYS=f"{second},{first}")
    assert run("rotate").exit_code == 0
    restart(app, CLINIC_ENCRYPTION_KEYS=f"off,{second}")
    assert run("off").exit_code == 0
    assert written_in_database() == list(WRITTEN)


def test_keys_of_the_variable_are_the_only_ones_where_a_file_has_some_too(app, run, jo):
    run("on")
    run("off")
    given = encryption.new_key()
    restart(app, CLINIC_ENCRYPTION_KEYS=given)
    assert encryption.keyring() == encryption.Keyring((given,), writes=True)
    assert "Encryption is on. Keys: 1 in CLINIC_ENCRYPTION_KEYS." in run("status").output


def test_what_is_no_key_is_refused_by_number_and_not_shown(app, run):
    with pytest.raises(SettingsError, match="key 2 is none") as refusal:
        restart(app, CLINIC_ENCRYPTION_KEYS=f"{encryption.new_key()} rubbish-key")
    assert "rubbish" not in str(refusal.value)


def test_the_mark_of_sealed_texts_cannot_be_written_by_anybody(app, run):
    with database.transaction():
        enquiry = enquire(message=f"{encryption.MARK}gAAAA", nonce="odd")
    db.session.rollback()
    assert db.session.get(Enquiry, enquiry.id).message == "f1:gAAAA"


def test_an_appointments_reasons_are_sealed_in_its_history_too(run, jo):
    run("on")
    give_a_reason(jo.kept)
    assert "albatross" not in stored()
    assert reason_given(jo.kept) == "The albatross is early."


def give_a_reason(number: int) -> None:
    """Write one into the history of the appointment with this number."""
    with database.transaction() as session:
        appointment = session.get(Appointment, number)
        with changes.recorded(appointment, "moved", by="staff", now=appointment.created_at):
            appointment.override = "The albatross is early."


def reason_given(number: int) -> str:
    """The last reason in the history of the appointment with this number."""
    return changes.history(db.session.get(Appointment, number))[-1].after["override"]


def test_reasons_given_before_it_is_on_go_through_all_that_the_texts_beside_them_do(app, run, jo):
    give_a_reason(jo.kept)
    assert "albatross" in stored()
    run("on")
    assert "albatross" not in stored()
    run("rotate")
    restart(app, CLINIC_ENCRYPTION_KEYS=key_file(app).read_text().split()[0])
    assert reason_given(jo.kept) == "The albatross is early."
    restart(app)
    run("off")
    assert "albatross" in stored()


def test_what_cannot_be_read_is_never_written_over(app, run, jo):
    """Rows hold texts that can be read, such as empty ones, beside those that cannot."""
    give_a_reason(jo.kept)
    run("on")
    columns = "SELECT override, note, cancel_reason FROM appointments", "SELECT after FROM appointment_changes"
    before = [db.session.execute(text(query)).all() for query in columns]
    restart(app, CLINIC_ENCRYPTION_KEYS=encryption.new_key())
    run("on")
    assert [db.session.execute(text(query)).all() for query in columns] == before


def test_the_keys_stay_the_sites_users_when_root_changes_them(app, run, jo):
    if os.geteuid():
        pytest.skip("only root can give a file to somebody")
    run("on")
    os.chown(key_file(app), 12345, 12345)
    assert run("rotate").exit_code == 0
    assert (key_file(app).stat().st_uid, key_file(app).stat().st_gid) == (12345, 12345)


def test_keys_that_find_no_room_are_told_in_words_and_stay_as_they_were(app, run, jo, monkeypatch):
    run("on")
    before = key_file(app).read_text()
    monkeypatch.setattr(os, "fsync", no_room)
    result = run("rotate")
    assert (result.exit_code, key_file(app).read_text()) == (1, before)
    assert "encryption_keys could not be written: No space left on device. Nothing was changed" in result.output


def no_room(_handle):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
