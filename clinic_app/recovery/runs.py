"""What is written down of backups: when each was begun and how it ended."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from .. import clock
from ..extensions import db
from .models import BackupRun

if TYPE_CHECKING:
    from .making import Made


def begin(file_name: str, *, slot: str | None = None, encrypted: bool) -> BackupRun:
    """Write down that a backup begins. Flushes."""
    run = BackupRun(
        slot=slot, started_at=clock.now(), file_name=file_name, encrypted=encrypted, verified="", error=""
    )
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


def last_good() -> BackupRun | None:
    """The newest backup that was made."""
    ended = (BackupRun.finished_at.is_not(None)) & (BackupRun.error == "")
    return db.session.scalar(select(BackupRun).where(ended).order_by(BackupRun.started_at.desc()).limit(1))


def last_failure(since: datetime) -> BackupRun | None:
    """The newest backup begun after `since` that failed."""
    failed = (BackupRun.error != "") & (BackupRun.started_at > since)
    return db.session.scalar(select(BackupRun).where(failed).order_by(BackupRun.started_at.desc()).limit(1))
