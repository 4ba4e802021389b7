"""Backups and restores that are killed midway.

Of a restore, what was there is kept aside, and the backup comes back when asked again. What a backup leaves, which
holds patients' words, goes with the next one.
"""

import multiprocessing
import random
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
import time_machine
from sqlalchemy import inspect, text

from clinic_app import clock, database
from clinic_app.extensions import db
from clinic_app.recovery import age, making, restoring, schedule
from clinic_app.recovery.refusals import AlreadyRunning, StillInUse
from clinic_app.recovery.workplace import GONE_AFTER

from ..server import wait_for
from ..tally import times
from .conftest import PASSPHRASE, backups_in, close, enquire, enquiries

KILLS = times(3, 50)
LONGEST = 0.6  # seconds: about what a whole restore of so little takes
BEFORE, SINCE = 2, 3  # enquiries
KINDS_LEFT = {"sqlite": 1, "postgresql": 2}  # half a file; and a scratch database


@pytest.fixture
def site(sites, tmp_path):
    """A site with a backup beside it, and with more in it than the backup has."""
    app, file = sites.new(), tmp_path / "backup"
    with app.app_context():
        enquire(BEFORE)
        making.make(file)
        enquire(SINCE)
        close()
    return app, file


def restore(app, file, at) -> None:
    with app.app_context(), time_machine.travel(at):
        restoring.restore(file, replace=True)
        close()


def test_a_restore_that_is_killed_at_any_moment_is_asked_for_again_and_loses_nothing(sites, site, tally):
    app, file = site
    moments = (clock.now() + timedelta(seconds=number) for number in range(1, 10_000))
    for _ in range(KILLS):
        restoring_alone = multiprocessing.get_context("fork").Process(
            target=restore, args=(app, file, next(moments))
        )
        restoring_alone.start()
        Event().wait(random.uniform(0, LONGEST))
        restoring_alone.kill()
        restoring_alone.join()
    wait_for(lambda: is_restored(app, file, next(moments)), "the killed one's programs to end")
    with app.app_context():
        assert enquiries() == BEFORE
        aside = enquiries_aside(app, sites.kind)
        close()
    figures = {"faults": KILLS, "tried": BEFORE + SINCE, "survived": max(aside)}
    tally("restore killed (SIGKILL)", sites.kind, **figures, remarks=f"found in one of {len(aside)} places aside")


def is_made(file: Path) -> bool:
    """Whether a backup could be made now; another one may be at work."""
    try:
        return bool(making.make(file))
    except AlreadyRunning:
        return False


def test_what_a_killed_backup_leaves_goes_with_the_next_one(sites, tmp_path, monkeypatch):
    monkeypatch.setattr(age, "WORK", 18)  # so that it takes long enough to be killed at it
    folder, word = tmp_path / "backups", tmp_path / "word"
    folder.mkdir()
    word.write_text(PASSPHRASE)
    app = sites.new(backup_folder=folder, backup_passphrase_file=word)

    def left() -> list[str]:
        return [path.name for path in folder.glob(".*")] + scratch_databases(sites)

    with app.app_context():
        enquire(BEFORE)
        close()
        backing_up = multiprocessing.get_context("fork").Process(target=back_up, args=(app,))
        backing_up.start()
        wait_for(lambda: len(left()) == KINDS_LEFT[sites.kind], "the backup to be tried out")
        backing_up.kill()
        backing_up.join()
        monkeypatch.setattr(age, "WORK", 10)
        killed = left()
        assert len(killed) == KINDS_LEFT[sites.kind]
        # A child that the other had just begun may keep its lock for a moment more.
        wait_for(lambda: is_made(folder / "by hand"), "the killed one's lock to be free")
        assert left() == killed, "for all that this one knows, the other is at work on another server"
        with time_machine.travel(clock.now() + GONE_AFTER + timedelta(minutes=1)):
            back_up(app)
        assert left() == []
    assert len(backups_in(folder)) == len(("by hand", "the next one"))


def back_up(app) -> None:
    with app.app_context():
        with database.transaction():
            run = schedule.take()
        schedule.make(run)


def scratch_databases(sites) -> list[str]:
    if sites.kind == "sqlite":
        return []
    with db.engine.connect() as connection:
        return list(connection.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE 'clinic_check%'")))


def is_restored(app, file, at) -> bool:
    try:
        restore(app, file, at)
    except StillInUse:
        return False
    return True


def enquiries_aside(app, kind: str) -> list[int]:
    """How many there are in each place where a restore put what was there."""
    if kind == "sqlite":
        return [count_in(path) for path in Path(app.instance_path).glob("before-restore-*/*.sqlite")]
    names = [name for name in inspect(db.engine).get_schema_names() if name.startswith("before_restore")]
    with db.engine.connect() as connection:
        there = "SELECT count(*) FROM pg_tables WHERE schemaname = :name AND tablename = 'enquiries'"
        whole = [name for name in names if connection.scalar(text(there), {"name": name})]
        return [connection.scalar(text(f'SELECT count(*) FROM "{name}".enquiries')) for name in whole]


def count_in(path: Path) -> int:
    """Of a file that may be half a copy: that has none."""
    try:
        with closing(sqlite3.connect(path)) as database:
            return database.execute("SELECT count(*) FROM enquiries").fetchone()[0]
    except sqlite3.DatabaseError:
        return 0
