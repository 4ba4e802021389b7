"""Backups and restores that are killed midway.

Of a restore, what was there is put back when the site starts again. What a backup leaves, which holds patients'
words, goes with the next one.
"""

import multiprocessing
import random
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
import time_machine
from sqlalchemy import text

from clinic_app import clock, database, site_folder
from clinic_app.extensions import db
from clinic_app.recovery import age, broken_off, making, restoring, schedule
from clinic_app.recovery.refusals import AlreadyRunning, StillInUse
from clinic_app.recovery.workplace import GONE_AFTER

from ..server import wait_for
from ..tally import times
from .conftest import PASSPHRASE, backups_in, close, enquire, enquiries

KILLS = times(3, 50)
LONGEST = {"sqlite": 0.5, "postgresql": 2.0}  # seconds: about what a whole restore of so little takes
BEFORE, SINCE = 2, 3  # enquiries
OTHER_KEY = "k" * 48
KINDS_LEFT = {"sqlite": 1, "postgresql": 2}  # half a file; and a scratch database


@pytest.fixture
def site(sites, tmp_path):
    """A site with a backup beside it, which has gone on since."""
    app, file = sites.new(), tmp_path / "backup"
    with app.app_context():
        enquire(BEFORE)
        making.make(file, with_secrets=True)
        close()
    backed_up = seen(app)
    go_on(app)
    return app, file, {"whole": backed_up, "not at all": seen(app)}


def go_on(app) -> None:
    """Have more in it than the backup has, and another secret key."""
    with app.app_context():
        enquire(SINCE)
        app.config["SECRET_KEY"] = OTHER_KEY
        Path(app.instance_path, site_folder.KEY).write_text(OTHER_KEY)
        close()


def restore(app, file, at) -> None:
    with app.app_context(), time_machine.travel(at):
        restoring.restore(file, replace=True)
        close()


def test_a_restore_that_is_killed_at_any_moment_has_happened_whole_or_not_at_all(sites, site, tally):
    app, file, states = site
    began, found = clock.now(), []
    for number in range(KILLS):
        at = began + timedelta(minutes=number)
        restoring_alone = multiprocessing.get_context("fork").Process(target=restore, args=(app, file, at))
        restoring_alone.start()
        Event().wait(random.uniform(0, LONGEST[sites.kind]))
        restoring_alone.kill()
        restoring_alone.join()
        wait_for(lambda: is_itself_again(app), "the killed one's programs to end")
        [state] = [name for name, state in states.items() if state == seen(app)]
        found.append(state)
        if state == "whole":
            go_on(app)
    figures = {"faults": KILLS, "tried": KILLS, "survived": len(found)}
    tally("restore killed (SIGKILL)", sites.kind, **figures, remarks=f"{found.count('whole')} had happened")


def seen(app) -> tuple[int, str]:
    with app.app_context():
        found = enquiries(), Path(app.instance_path, site_folder.KEY).read_text()
        close()
        return found


def is_itself_again(app) -> bool:
    """What the next start of the site does first."""
    with app.app_context():
        try:
            broken_off.take_back()
        except StillInUse:
            return False
        finally:
            close()
    return True


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
