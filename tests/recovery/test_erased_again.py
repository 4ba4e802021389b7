"""Who was erased since a backup stays erased when it is put back, on a machine that never knew of it too."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from clinic_app import clock, create_app, database
from clinic_app.extensions import db
from clinic_app.files import appearing_whole
from clinic_app.people import beside_backups, erasing, finding
from clinic_app.people.erasing import Decision
from clinic_app.people.identities import parse
from clinic_app.people.models import ERASED
from clinic_app.recovery import schedule
from clinic_app.testimonials import models

from ..reading import how_many
from ..testimonials.invented import received
from .conftest import ON_POSTGRESQL, PASSPHRASE, close, enquire, enquiries

NOTE = "clinic-erasures.jsonl"


@pytest.fixture
def word(tmp_path):
    word = tmp_path / "word"
    word.write_text(PASSPHRASE)
    return word


def back_up() -> Path:
    with database.transaction():
        run_id = schedule.take()
    return schedule.make(run_id).file


def erase() -> None:
    """Erase whom `enquire` invents, and a testimonial where there is one, as their pages do."""
    person = finding.find([parse("robin@example.org")])
    with database.transaction():
        erasing.erase(
            person.identities, Decision(kind=ERASED, reason="asked", seen=person.fingerprint, checked=True)
        )
    for number in db.session.scalars(select(models.Testimonial.id)).all():
        seen = finding.of_records(testimonials=[number]).fingerprint
        with database.transaction():
            erasing.erase_testimonial(number, Decision(kind=ERASED, reason="asked", seen=seen))
    beside_backups.keep()


def backed_up_and_erased(site) -> Path:
    """The site's backup, in which there are somebody and a testimonial that were erased since."""
    with site.app_context():
        enquire(2)
        with database.transaction():
            received()
        file = back_up()
        with time_machine.travel(clock.now() + timedelta(hours=1)):
            erase()
        assert left() == 0
        close()
    return file


def flask(site, *arguments):
    return site.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def left() -> int:
    return enquiries() + how_many(models.Testimonial)


def left_in(site) -> int:
    with site.app_context():
        return left()


def test_who_was_erased_since_the_backup_stays_so_on_a_new_machine(sites, folder, word):
    file = backed_up_and_erased(sites.new(backup_folder=folder, backup_passphrase_file=word))
    new = sites.new(revision="")
    done = flask(new, "restore", file, "--passphrase-file", word)
    assert (
        "Erased again, because they were erased since the backup: 2 addresses, numbers and testimonials."
        in done.output
    )
    assert left_in(new) == 0
    assert "did not know: 0" in flask(new, "people", "erase-again").output


def test_with_a_key_that_comes_back_later_they_are_erased_then(sites, folder):
    old, new = sites.new(backup_folder=folder), sites.new(revision="")
    done = flask(new, "restore", backed_up_and_erased(old))
    assert "once the key is back, run `flask people erase-again`" in done.output
    assert left_in(new) == 3
    new.config["SECRET_KEY"] = old.config["SECRET_KEY"]
    assert "enquiries 2, mails withdrawn 4, testimonials 1." in flask(new, "people", "erase-again").output
    assert left_in(new) == 0


def test_a_backup_from_elsewhere_is_told_to_lack_the_note_and_is_erased_by_the_folders(
    sites, folder, word, tmp_path
):
    file = backed_up_and_erased(sites.new(backup_folder=folder, backup_passphrase_file=word))
    (tmp_path / "usb").mkdir()
    new = sites.new(revision="", backup_folder=folder)
    done = flask(new, "restore", shutil.copy(file, tmp_path / "usb"), "--passphrase-file", word)
    assert f"No {NOTE} lies beside it" in done.output
    assert left_in(new) == 3
    assert "did not know: 2" in flask(new, "people", "erase-again").output
    assert left_in(new) == 0


def test_where_nobody_was_erased_the_note_says_so_and_nobody_is_sent_to_look_for_it(sites, folder, tmp_path):
    site = sites.new(backup_folder=folder)
    with site.app_context():
        enquire()
        file = back_up()
        close()
    assert (folder / NOTE).read_bytes() == b""
    assert "Was anybody erased" not in flask(sites.new(revision=""), "restore", file).output
    assert "Erased again: nothing" in flask(site, "people", "erase-again").output
    (folder / NOTE).unlink()
    assert "Was anybody erased" in flask(sites.new(revision=""), "restore", file).output


def test_erasing_again_by_no_note_at_all_is_no_success(sites, folder):
    for site in (sites.new(backup_folder=folder), sites.new()):
        done = flask(site, "people", "erase-again")
        assert done.exit_code == 1
        assert f"Nothing was read: no {NOTE} is " in done.output


def test_the_note_is_readable_by_the_sites_user_only_and_a_site_that_knows_less_takes_nothing_from_it(
    sites, folder
):
    backed_up_and_erased(sites.new(backup_folder=folder))
    noted = beside_backups.noted_in(folder)
    other = sites.new(backup_folder=folder)
    with other.app_context(), time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        enquire()
        back_up()
        assert beside_backups.noted_in(folder) == noted
        erase()
    assert beside_backups.noted_in(folder)[:-1] == noted
    assert (folder / NOTE).stat().st_mode & 0o777 == 0o600


@ON_POSTGRESQL
def test_what_two_servers_erase_at_the_same_time_is_all_noted(sites, folder, tmp_path, monkeypatch):
    def write_after_another(*arguments, **options):
        monkeypatch.setattr(beside_backups, "appearing_whole", appearing_whole)
        with another.app_context(), time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
            enquire()
            erase()
            close()
        return appearing_whole(*arguments, **options)

    site = sites.new(backup_folder=folder)
    with site.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    another = create_app(
        instance=tmp_path / "another", environ={"CLINIC_DATABASE_URL": url, "CLINIC_BACKUP_FOLDER": str(folder)}
    )
    with site.app_context():
        enquire()
        monkeypatch.setattr(beside_backups, "appearing_whole", write_after_another)
        erase()
    assert len(beside_backups.noted_in(folder)) == 2


def test_each_backup_writes_a_note_that_is_missing(sites, folder):
    site = sites.new(backup_folder=folder)
    backed_up_and_erased(site)
    (folder / NOTE).unlink()
    with site.app_context(), time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        back_up()
        assert len(beside_backups.noted_in(folder)) == 2


def test_a_spoilt_note_is_said_before_anything_is_changed(sites, folder):
    site = sites.new(backup_folder=folder)
    file = backed_up_and_erased(site)
    with (folder / NOTE).open("a") as note:
        note.write('{"kind"')
    done = flask(site, "restore", file, "--replace")
    assert done.exit_code == 1
    assert f"{NOTE} beside the backup has a line that no site wrote" in done.output
    assert left_in(site) == 0
    assert not list(Path(site.instance_path).glob("before-restore*"))
