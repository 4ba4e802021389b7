"""Is there a backup, is it new, and is it somewhere else?"""

import shutil
from datetime import timedelta
from pathlib import Path

from flask import current_app

from .. import clock, database
from ..recovery import passphrases, runs
from ..recovery.refusals import PassphraseNeeded
from .finding import Findings

LATE_BY = timedelta(hours=6)
BY_HAND = timedelta(days=7)  # where none are made by the clock


def find() -> Findings:
    """The newest backup's age, and what stands in the way of the next."""
    found = Findings("Backups")
    settings = current_app.config["CLINIC"]
    last = runs.last_good()
    every = timedelta(hours=settings.backup_every_hours) + LATE_BY if settings.backup_folder else BY_HAND
    if settings.backup_folder:
        _look_at_folder(found, Path(settings.backup_folder), settings.backup_passphrase_file)
    else:
        found.warn(
            "No automatic backups.",
            "Set backup_folder to a folder on another disk, or run `flask --app wsgi backup FILE` by cron.",
        )
    if not database.is_sqlite() and shutil.which("pg_dump") is None:
        found.fail("pg_dump is not on the PATH.", "Install PostgreSQL's client programs (postgresql-client).")
    if last is None:
        return found.fail("There has never been one.", "Make one now: `flask --app wsgi backup FILE`.")
    told = f"The last is of {clock.format_in_full(last.started_at)} ({last.file_name}), {last.verified}."
    if failure := runs.last_failure(since=last.started_at):
        found.fail(
            f"One failed {clock.format_when(failure.started_at)}: {failure.error}",
            "Put that right; it is tried again.",
        )
    if clock.now() - last.started_at > every:
        return found.fail(told, "It is too old: check that the site is running, or make one now.")
    return found.ok(told)


def _look_at_folder(found: Findings, folder: Path, passphrase_file: str) -> None:
    instance = Path(current_app.instance_path)
    if not folder.is_dir():
        found.fail(f"{folder} is not there.", "Mount its disk, or make it (setting backup_folder).")
    elif folder.stat().st_dev == instance.stat().st_dev:
        found.warn(
            f"{folder} is on the disk of the data.", "Keep backups on another disk, or copy them away each day."
        )
    if not passphrase_file:
        found.warn("Backups are not encrypted, and hold no secret key.", "Set backup_passphrase_file.")
        return
    try:
        passphrases.in_file(Path(passphrase_file))
    except PassphraseNeeded as refusal:
        found.fail(str(refusal), "No backup can be made until then.")
