"""Is there a backup, is it new, and is it somewhere else?"""

from datetime import timedelta
from pathlib import Path

from flask import current_app

from .. import clock, database
from ..lists.counting import how_many
from ..recovery import passphrases, postgresql_programs, rotation, runs
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
        _look_for_others(found, Path(settings.backup_folder))
    else:
        found.warn(
            "No automatic backups.",
            "Set backup_folder to a folder on another disk, or run `flask backup FILE` by cron.",
        )
    if not database.is_sqlite() and (missing := postgresql_programs.missing()):
        told = f"{missing[0]} is" if len(missing) == 1 else f"{', '.join(missing)} are"
        found.fail(f"{told} not on the PATH.", "Install PostgreSQL's client programs (postgresql-client).")
    if last is None:
        return found.fail("There has never been one of this database.", "Make one now: `flask backup FILE`.")
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


def _look_for_others(found: Findings, folder: Path) -> None:
    """Backups that another database made: what a new machine should be put back from."""
    known = runs.known()
    backups = rotation.in_folder(folder) if folder.is_dir() else {}
    if others := {at: path for path, at in backups.items() if path.name not in known}:
        newest = max(others)
        found.warn(
            f"{folder} holds {how_many(len(others), 'backup')} that this database does not know, the newest "
            f"{others[newest].name}, of {clock.format_in_full(newest)}.",
            f"On a new machine stop the site and put it back: `flask restore {others[newest]}`. "
            "Otherwise move them away: the site removes none of them.",
        )
