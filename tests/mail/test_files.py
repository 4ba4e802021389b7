"""Without a mail server each mail is a file."""

import email
from email import policy

import pytest
from sqlalchemy import text

from clinic_app import clock, database
from clinic_app.mail import claims, files, privacy
from clinic_app.mail.worker import Worker
from tests.synced import synced


@pytest.fixture
def folder(app, tmp_path, monkeypatch):
    monkeypatch.setattr(app, "instance_path", str(tmp_path / "instance"))
    return tmp_path / "instance" / "outbox"


def test_a_mail_becomes_a_file_and_the_console_names_it(app, folder, queue, mail_at):
    said = []
    (number,) = queue(("Robin Sample", "robin@example.org"))
    assert Worker(app, say=said.append).run_once() == {"sent": 1}
    (path,) = folder.iterdir()
    mail = mail_at("robin@example.org")
    assert path.name == f"{mail.due_at:%Y%m%dT%H%M%SZ}-{number:06d}-test.eml"
    assert said == [f"Mail {number} (test) written to {path}"]
    assert path.stat().st_mode & 0o777 == 0o600
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["Message-ID"] == mail.message_id
    assert message["To"] == "Robin Sample <robin@example.org>"
    assert "This is a test" in message.get_body(["plain"]).get_content()
    assert "This is a test" in message.get_body(["html"]).get_content()


def test_a_mail_is_on_the_disk_before_it_counts_as_sent(app, folder, queue):
    queue("robin@example.org")
    with synced() as numbers:
        Worker(app, say=len).run_once()
    (path,) = folder.iterdir()
    assert numbers == [path.stat().st_ino, folder.stat().st_ino]


def test_the_file_of_a_mail_written_twice_is_one(app, folder, queue, mail_at):
    (number,) = queue("robin@example.org")
    Worker(app, say=len).run_once()
    with database.transaction() as session:
        session.execute(text(f"UPDATE mail_outbox SET state = 'queued', sent_at = NULL WHERE id = {number}"))
    Worker(app, say=len).run_once()
    assert mail_at("robin@example.org").attempts == 2
    assert len(list(folder.iterdir())) == 1


def test_an_odd_address_makes_no_part_of_a_files_name(app, folder, queue):
    (number,) = queue("/etc/pass'wd`$x`{}@example.org")
    Worker(app, say=len).run_once()
    (path,) = folder.iterdir()
    assert path.name.endswith(f"Z-{number:06d}-test.eml")


def test_a_folder_that_cannot_be_written_costs_no_mail(app, folder, queue, mail_at):
    folder.parent.mkdir()
    folder.write_text("in the way")
    queue("robin@example.org")
    worker = Worker(app, say=len)
    assert worker.run_once() == {"released": 1}
    assert "could not be written" in mail_at("robin@example.org").last_error
    assert mail_at("robin@example.org").attempts == 0
    folder.unlink()
    worker.hold_until = 0
    assert worker.run_once() == {"sent": 1}


@pytest.fixture
def erase():
    """Erases a person's mails, as `people.erasing` does."""

    def do(*numbers):
        with database.transaction():
            privacy.delete_unsent(numbers)
            privacy.erase(numbers)

    return do


def test_a_mail_that_is_erased_while_its_file_is_written_leaves_none(
    app, folder, queue, mails, erase, monkeypatch
):
    """Erased after the worker has looked whether it stands, which is as good as at any moment of the writing."""
    numbers = queue("robin@example.org")
    stood = claims.stands

    def stands(mail):
        is_there = stood(mail)
        erase(*numbers)
        return is_there

    monkeypatch.setattr(claims, "stands", stands)
    Worker(app, say=len).run_once()
    assert mails() == {}
    assert list(folder.iterdir()) == []


def test_the_file_of_a_mail_that_a_worker_wrote_and_did_not_record_goes_with_the_mail(app, folder, queue, erase):
    numbers = queue("robin@example.org")
    files.write(*claims.claim(clock.now(), limit=1))
    erase(*numbers)
    assert list(folder.iterdir()) == []


def test_the_file_of_a_mail_whose_claim_was_lost_stays(app, folder, queue, mails, monkeypatch):
    """Another worker has sent it meanwhile, and written the same."""
    queue("robin@example.org")
    stood = claims.stands

    def stands(mail):
        is_there = stood(mail)
        claims.release_stale(clock.now() + claims.STALE_AFTER)
        return is_there

    monkeypatch.setattr(claims, "stands", stands)
    Worker(app, say=len).run_once()
    assert len(list(folder.iterdir())) == 1
