"""What is written down of backups: when each was begun and how it ended."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from .. import clock
from ..extensions import db
from .models import BackupRun

if TYPE_CHECKING:
    from .making import Made
    from .manifest import Manifest

_IS_MADE = BackupRun.finished_at.is_not(None) & (BackupRun.error == "")


def begin(file_name: str, *, encrypted: bool) -> BackupRun:
    """Write down that a backup of no slot begins. Flushes."""
    run = BackupRun(started_at=clock.now(), file_name=file_name, encrypted=encrypted, verified="", error="")
    db.session.add(run)
    db.session.flush()
    return run


def end_well(run: BackupRun, made: "Made") -> None:
    """Write down that it is there. Flushes."""
    run.finished_at, run.bytes, run.verified = clock.now(), made.bytes, made.verified
    db.session.flush()


def end_badly(run: BackupRun, error: str) -> None:
    """Write down why it is not there. Flushes."""
    run.finished_at, run.error = clock.now(), error
    db.session.flush()


def note_restored(file: Path, about: "Manifest", *, encrypted: bool) -> None:
    """Write down the backup that was put back: in its own copy of this list it had no end yet. Flushes.

    It is of no slot, so it is not removed in favour of newer ones.
    """
    run = begin(file.name, encrypted=encrypted)
    run.started_at, run.finished_at = datetime.fromisoformat(about.made_at), clock.now()
    run.bytes, run.verified = file.stat().st_size, "restored"
    db.session.flush()


def made_by_the_clock() -> set[str]:
    """The names of the files that are this database's backups by the clock."""
    return set(db.session.scalars(select(BackupRun.file_name).where(_IS_MADE, BackupRun.slot.is_not(None))))


def known() -> set[str]:
    """The names of all backups that this database made, makes, or was put back from."""
    return set(db.session.scalars(select(BackupRun.file_name).where(BackupRun.error == "")))


def last_good() -> BackupRun | None:
    """The newest backup that was made."""
    return db.session.scalar(select(BackupRun).where(_IS_MADE).order_by(BackupRun.started_at.desc()).limit(1))


def last_failure(since: datetime) -> BackupRun | None:
    """The newest backup begun after `since` that failed."""
    failed = (BackupRun.error != "") & (BackupRun.started_at > since)
    return db.session.scalar(select(BackupRun).where(failed).order_by(BackupRun.started_at.desc()).limit(1))
