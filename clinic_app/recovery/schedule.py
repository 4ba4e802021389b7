"""Backups by the clock: one in each stretch of `backup_every_hours`, made by whichever server takes it first.

Stretches begin at three in the night by the clinic's clocks, when nobody books. A stretch is a row that only one
server can insert, so of several servers with the same database one makes the backup, wherever their clocks stand.
A server that could make none, as without the folder, takes no stretch: its failure is written down without one.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from flask import Flask, current_app
from sqlalchemy import delete, exists, or_, select

from .. import clock, database
from ..accounts.models import Member
from ..extensions import db
from ..mail.models import OutboxMail
from . import passphrases, postgresql_programs, rotation, runs
from .models import BackupRun
from .refusals import Refused
from .workplace import GONE_AFTER

if TYPE_CHECKING:
    from . import making

FIRST_HOUR = 3
THREAD = "backup"
AGAIN_AFTER = timedelta(hours=1)  # a failure


def is_wanted() -> bool:
    """Whether this server makes backups by the clock (setting `backup_folder`)."""
    return bool(current_app.config["CLINIC"].backup_folder)


def slot(instant: datetime) -> str:
    """The stretch that the instant lies in. The hour that comes twice when clocks go back counts as one."""
    every = current_app.config["CLINIC"].backup_every_hours
    wall = clock.local(instant).replace(tzinfo=UTC) - timedelta(hours=FIRST_HOUR)  # as if its zone had no changes
    return f"{every}h-{(wall - datetime.min.replace(tzinfo=UTC)) // timedelta(hours=every)}"


def is_due() -> bool:
    """Whether there is something to back up, and nobody has made, or makes, this stretch's backup; only looks."""
    if not is_wanted():
        return False
    now = clock.now()
    taken = select(BackupRun.id).where(BackupRun.slot == slot(now), ~_is_void(now))
    if db.session.scalar(taken.limit(1)) is not None or not _holds_something():
        return False
    return _is_able() or runs.last_failure(since=now - AGAIN_AFTER) is None


def take() -> int | None:
    """Take the stretch: the number of its run, or None where another server was first. Flushes.

    Where this server could make no backup, the run that is to fail is of no stretch.
    """
    now = clock.now()
    failed_here = BackupRun.slot.is_(None) & (BackupRun.error != "")
    db.session.execute(delete(BackupRun).where(or_(BackupRun.slot == slot(now), failed_here), _is_void(now)))
    encrypted = bool(current_app.config["CLINIC"].backup_passphrase_file)
    insert = database.upsert(BackupRun)
    row = insert.values(
        slot=slot(now) if _is_able() else None,
        started_at=now,
        file_name=rotation.name_for(now, encrypted=encrypted),
        encrypted=encrypted,
        verified="",
        error="",
    )
    return db.session.scalar(row.on_conflict_do_nothing().returning(BackupRun.id))


def make(run_id: int) -> "making.Made":
    """Make the backup that was taken, remove those that are not kept, write down how it ended and what was erased.

    An edge: commits. Raises Refused when there is none.
    """
    from ..people import beside_backups  # once a night, by one server

    settings = current_app.config["CLINIC"]
    folder = Path(settings.backup_folder)
    name = db.session.get_one(BackupRun, run_id).file_name
    db.session.rollback()  # no transaction stays open meanwhile
    try:
        made = _made(folder / name, settings.backup_passphrase_file)
    except Exception as error:
        words = str(error) if isinstance(error, Refused) else f"It could not be made: {type(error).__name__}."
        with database.transaction():
            runs.end_badly(db.session.get_one(BackupRun, run_id), words)
        raise
    with database.transaction():
        runs.end_well(db.session.get_one(BackupRun, run_id), made)
    beside_backups.keep()
    try:
        rotation.rotate(
            folder, runs.made_by_the_clock(), days=settings.backup_keep_days, weeks=settings.backup_keep_weeks
        )
    except OSError as error:
        current_app.logger.error("A backup was made, but older ones cannot be removed: %s", error.strerror)
    return made


def take_and_begin(app: Flask):
    """A worker's chore: take the stretch; gives what begins the backup once that is committed.

    It runs in a thread of its own, so no mail waits for it.
    """
    run_id = take()
    if run_id is None:
        return None
    return Thread(target=_make_in_thread, args=(app, run_id), name=THREAD, daemon=True).start


def _make_in_thread(app: Flask, run_id: int) -> None:
    with app.app_context():
        try:
            make(run_id)
        except Refused as refusal:
            app.logger.error("No backup was made: %s", refusal)
        except Exception:
            app.logger.exception("No backup was made")


def _made(file: Path, passphrase_file: str) -> "making.Made":
    from . import making  # once a night, by one server

    if not file.parent.is_dir():
        # Never made: under a disk that is not mounted it would fill the one that holds the data.
        raise Refused(f"The folder {file.parent} is not there. Is its disk mounted? (setting backup_folder)")
    passphrase = _passphrase(passphrase_file)
    return making.make(file, passphrase=passphrase, with_secrets=passphrase is not None)


def _passphrase(file: str) -> str | None:
    return passphrases.in_file(Path(file)) if file else None


def _is_able() -> bool:
    """Whether this server has what a backup needs, as far as one sees before."""
    settings = current_app.config["CLINIC"]
    try:
        _passphrase(settings.backup_passphrase_file)
    except Refused:
        return False
    has_program = database.is_sqlite() or not postgresql_programs.missing()
    return has_program and Path(settings.backup_folder).is_dir()


def _holds_something() -> bool:
    """Whether anything of the clinic's is in the database: somebody of staff has joined, or there is a mail, as
    enquiries and appointments leave them. A site that was just set up has neither."""
    joined, mail = exists().where(Member.password.is_not(None)), exists().where(OutboxMail.id.is_not(None))
    return db.session.scalar(select(or_(joined, mail)))


def _is_void(now: datetime):
    """A run that leaves its stretch to be taken again."""
    return or_(
        (BackupRun.error != "") & (BackupRun.finished_at < now - AGAIN_AFTER),
        BackupRun.finished_at.is_(None) & (BackupRun.started_at < now - GONE_AFTER),
    )
