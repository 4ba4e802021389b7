"""A restore that is killed midway: what was there is kept aside, and the backup comes back when asked again."""

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

from clinic_app import clock
from clinic_app.extensions import db
from clinic_app.recovery import making, restoring
from clinic_app.recovery.refusals import StillInUse

from ..server import wait_for
from ..tally import times
from .conftest import close, enquire, enquiries

KILLS = times(3, 50)
LONGEST = 0.6  # seconds: about what a whole restore of so little takes
BEFORE, SINCE = 2, 3  # enquiries


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
