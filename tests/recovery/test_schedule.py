"""Backups by the clock: one in each stretch of time, whichever server makes it."""

import dataclasses
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from clinic_app import database
from clinic_app.extensions import db
from clinic_app.health import backups
from clinic_app.mail.worker import Worker
from clinic_app.recovery import archive, making, runs, schedule
from clinic_app.recovery.models import BackupRun
from clinic_app.recovery.refusals import Refused

from .conftest import ON_POSTGRESQL, PASSPHRASE, backups_in, enquire, join

BEFORE_THREE = datetime(2026, 11, 24, 15, 59, tzinfo=UTC)  # 2:59 in Sydney, where it is summer
AT_THREE = BEFORE_THREE + timedelta(minutes=1)


@pytest.fixture
def site(sites, folder):
    """A site with a folder for backups, which somebody looks after, in whose context the test runs."""
    app = sites.new(backup_folder=folder)
    with app.app_context():
        join()
        yield app


def take() -> int | None:
    with database.transaction():
        return schedule.take()


def all_runs() -> list[BackupRun]:
    db.session.rollback()
    return list(db.session.scalars(select(BackupRun).order_by(BackupRun.id)))


def test_a_stretch_begins_at_three_in_the_night_by_the_clinics_clocks(app):
    assert schedule.slot(BEFORE_THREE) != schedule.slot(AT_THREE)
    assert schedule.slot(AT_THREE) == schedule.slot(AT_THREE + timedelta(hours=23, minutes=59))


@given(st.integers(0, 365 * 24).map(lambda hours: AT_THREE + timedelta(hours=hours)), st.integers(1, 168))
def test_however_clocks_change_a_stretch_is_met_once_and_later_ones_come(migrated_app, start, every):
    settings = migrated_app.config["CLINIC"]
    migrated_app.config["CLINIC"] = dataclasses.replace(settings, backup_every_hours=every)
    try:
        with migrated_app.app_context():
            met = [schedule.slot(start + timedelta(minutes=20) * n) for n in range(12 * every)]
    finally:
        migrated_app.config["CLINIC"] = settings
    assert 3 <= len(set(met)) <= 6


def test_only_one_of_several_servers_takes_a_stretch(site):
    assert schedule.is_due()
    assert take() is not None
    assert not schedule.is_due()
    assert take() is None
    with database.transaction():
        assert schedule.take_and_begin(site) is None


def test_the_workers_make_it_and_write_it_down(site, folder):
    enquire(2)
    workers = [Worker(site), Worker(site)]
    for worker in workers:
        worker.run_once()
    for thread in threading.enumerate():
        if thread.name == schedule.THREAD:
            thread.join(60)
    (run,) = all_runs()
    (file,) = backups_in(folder)
    assert (run.file_name, run.bytes, run.error) == (file.name, file.stat().st_size, "")
    assert run.verified.startswith("restored to a scratch ")
    assert archive.read(file, None, lambda name: None).tables["enquiries"] == 2
    for worker in workers:
        worker.stop()


def test_nothing_is_due_where_no_folder_is_set(sites):
    with sites.new().app_context():
        join()
        assert not schedule.is_due()


def test_a_failure_is_written_down_and_tried_again_an_hour_later(site, folder):
    folder.rmdir()
    with time_machine.travel(AT_THREE, tick=False) as traveller:
        with pytest.raises(Refused, match="Is its disk mounted"):
            schedule.make(take())
        assert "Is its disk mounted" in runs.last_failure(since=AT_THREE - timedelta(days=1)).error
        assert not schedule.is_due()
        traveller.shift(timedelta(hours=1, seconds=1))
        assert schedule.is_due()
        folder.mkdir()
        schedule.make(take())
        assert runs.last_good()
        assert not schedule.is_due()
    assert len(backups_in(folder)) == 1


@pytest.mark.parametrize("lacking", ["backup_folder", "backup_passphrase_file"])
def test_a_server_that_can_make_none_leaves_the_stretch_to_the_others(site, tmp_path, lacking):
    able = site.config["CLINIC"]
    with time_machine.travel(AT_THREE, tick=False) as traveller:
        site.config["CLINIC"] = dataclasses.replace(able, **{lacking: str(tmp_path / "unmounted")})
        assert flask(site, "backup", "--scheduled").exit_code == 1
        assert not schedule.is_due(), "it tries again in an hour"
        traveller.shift(timedelta(hours=1, seconds=1))
        assert flask(site, "backup", "--scheduled").exit_code == 1
        assert [bool(run.error) for run in all_runs()] == [True]
        site.config["CLINIC"] = able
        assert flask(site, "backup", "--scheduled").exit_code == 0
        assert runs.last_good()


@ON_POSTGRESQL
def test_a_server_without_the_programs_leaves_the_stretch_to_the_others(site, monkeypatch):
    with monkeypatch.context() as without:
        without.setenv("PATH", "")
        assert flask(site, "backup", "--scheduled").exit_code == 1
    assert flask(site, "backup", "--scheduled").exit_code == 0, "it would be taken for an hour"
    assert runs.last_good()


def test_a_server_that_was_killed_at_it_keeps_nobody_from_it_for_long(site):
    with time_machine.travel(AT_THREE, tick=False) as traveller:
        take()
        traveller.shift(timedelta(hours=6, seconds=1))
        assert schedule.is_due()
        assert take() is not None


def test_a_clock_that_is_set_back_makes_no_second_one(site):
    with time_machine.travel(AT_THREE + timedelta(hours=5), tick=False) as traveller:
        schedule.make(take())
        traveller.shift(timedelta(hours=-2))
        assert not schedule.is_due()


def test_old_ones_are_removed_once_a_new_one_is_there(sites, folder):
    settings = {"backup_folder": folder, "backup_keep_days": 2, "backup_keep_weeks": 0}
    with sites.new(**settings).app_context(), time_machine.travel(AT_THREE, tick=False) as traveller:
        for _ in range(4):
            schedule.make(take())
            traveller.shift(timedelta(days=1))
    assert len(backups_in(folder)) == 2


def test_old_ones_that_cannot_be_removed_are_told_and_the_new_one_counts(sites, folder, caplog):
    app = sites.new(backup_folder=folder, backup_keep_days=1, backup_keep_weeks=0)
    with time_machine.travel(AT_THREE, tick=False) as traveller, app.app_context():
        join()
        old = schedule.make(take()).file
        old.unlink()
        old.mkdir()  # no file, so removing it as one fails
        traveller.shift(timedelta(days=1))
        done = flask(app, "backup", "--scheduled")
        assert (done.exit_code, runs.last_failure(since=AT_THREE)) == (0, None)
        assert runs.last_good()
    assert "A backup was made, but older ones cannot be removed: Is a directory" in caplog.text
    assert "No backup was made" not in caplog.text


def test_a_site_that_was_just_set_up_makes_none_until_there_is_something_of_the_clinics(sites, folder):
    for begin in (join, enquire):
        site = sites.new(backup_folder=folder)
        with site.app_context():
            assert not schedule.is_due()
            assert "nothing of yours is in the site yet" in flask(site, "backup", "--scheduled").output
            begin()
            assert schedule.is_due()
    assert backups_in(folder) == []


def test_a_new_site_removes_no_backup_of_the_one_before_and_says_that_they_are_there(site, sites, folder):
    settings = {"backup_folder": folder, "backup_keep_days": 1, "backup_keep_weeks": 0}
    with time_machine.travel(AT_THREE, tick=False) as traveller:
        old = schedule.make(take()).file
        traveller.shift(timedelta(hours=2))
        with sites.new(**settings).app_context():
            enquire()
            (words,) = (f.words + f.advice for f in backups.find() if "does not know" in f.words)
            assert f"1 backup that this database does not know, the newest {old.name}" in words
            assert f"restore {old}" in words
            schedule.make(take())
    assert old.exists()
    assert len(backups_in(folder)) == 2


def test_a_restored_site_knows_its_backup_keeps_it_and_goes_on_with_the_others(sites, folder):
    settings = {"backup_folder": folder, "backup_keep_days": 1, "backup_keep_weeks": 0}
    old, new, files = sites.new(backup_folder=folder), sites.new(revision="", **settings), []
    with time_machine.travel(AT_THREE, tick=False) as traveller:
        with old.app_context():
            join()
            for _ in range(3):
                files.append(schedule.make(take()).file)
                traveller.shift(timedelta(days=1))
        done = flask(new, "restore", files[1])
        assert done.exit_code == 0, done.output
        with new.app_context():
            told = {finding.words for finding in backups.find()}
            assert f"The last is of Thursday 26 November 2026, 3:00 am AEDT ({files[1].name}), restored." in told
            (words,) = (words for words in told if "does not know" in words)
            assert f"1 backup that this database does not know, the newest {files[2].name}" in words
            assert schedule.is_due()
            made = schedule.make(take()).file
    assert set(backups_in(folder)) == {files[1], files[2], made}


def test_a_site_that_is_restored_at_once_has_the_stretch_of_its_backup_before_it_again(sites, folder):
    old, new = sites.new(backup_folder=folder), sites.new(revision="", backup_folder=folder)
    with time_machine.travel(AT_THREE, tick=False):
        with old.app_context():
            join()
            file = schedule.make(take()).file
        assert flask(new, "restore", file).exit_code == 0
        with new.app_context():
            assert schedule.is_due()


def test_a_backup_that_fails_removes_none_of_the_old_ones(sites, folder):
    old = folder / "clinic-20200101T160000Z.tar.gz"
    old.write_text("the last there is")
    word = folder.parent / "word"
    word.write_text("short")
    settings = {"backup_folder": folder, "backup_keep_days": 1, "backup_keep_weeks": 0}
    app = sites.new(**settings, backup_passphrase_file=word)
    with app.app_context(), pytest.raises(Refused, match="12 or more"):
        schedule.make(take())
    assert backups_in(folder) == [old]


def test_with_a_passphrase_file_they_are_encrypted_and_hold_the_key(sites, folder):
    word = folder.parent / "word"
    word.write_text(f"{PASSPHRASE}\n")
    app = sites.new(backup_folder=folder, backup_passphrase_file=word)
    with app.app_context():
        made = schedule.make(take())
    assert made.file.name.endswith(".tar.gz.age")
    assert "secret_key" in archive.read(made.file, PASSPHRASE, lambda name: None).members


def flask(app, *arguments):
    return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def test_cron_makes_one_where_one_is_due(site, folder):
    first, second = flask(site, "backup", "--scheduled"), flask(site, "backup", "--scheduled")
    assert first.output.startswith(f"Backed up to {folder}/clinic-")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "No backup is due" in second.output
    assert len(backups_in(folder)) == 1


def test_the_commands_say_what_is_in_a_backup_and_what_is_not(site, tmp_path, monkeypatch):
    monkeypatch.setenv("CLINIC_MAIL_PASSWORD", "plainly invented")
    word = tmp_path / "word"
    word.write_text(PASSPHRASE)
    plain = flask(site, "backup", tmp_path / "plain").output
    closed = flask(site, "backup", tmp_path / "closed", "--passphrase-file", word).output
    assert "NOT encrypted" in plain
    assert "NOT in it: the secret key and clinic.toml" in plain
    assert "NOT" not in closed
    assert "CLINIC_MAIL_PASSWORD" in closed
    assert "plainly invented" not in plain + closed
    assert [run.encrypted for run in all_runs()] == [False, True]


def test_the_commands_refuse_in_words_and_with_an_exit_status(site, tmp_path):
    (tmp_path / "other").write_text("no backup")
    for arguments, says in (
        (("backup",), "Name a FILE"),
        (("backup", tmp_path / "other"), "is there already"),
        (("restore", tmp_path / "other"), "not a backup of this program"),
        (("restore", tmp_path / "nowhere"), "does not exist"),
    ):
        done = flask(site, *arguments)
        assert done.exit_code != 0
        assert says in done.output
        assert "Traceback" not in done.output


def test_a_backup_can_be_tried_out_without_changing_anything(site, tmp_path):
    enquire()
    making.make(tmp_path / "backup")
    done = flask(site, "restore", tmp_path / "backup", "--dry-run")
    assert "is whole: restored to a scratch" in done.output
    assert not list(Path(site.instance_path).glob("before-restore*"))
