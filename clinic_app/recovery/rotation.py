"""Which backups are kept: the newest, the newest of each of the last days, and of each of the last weeks."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

_NAME = re.compile(r"clinic-(\d{8}T\d{6}Z)\.tar\.gz(?:\.age)?")
_STAMP = "%Y%m%dT%H%M%SZ"


def name_for(made_at: datetime, *, encrypted: bool) -> str:
    """`clinic-20261124T160000Z.tar.gz`, with `.age` behind it where it is encrypted; the instant is in UTC."""
    return f"clinic-{made_at.astimezone(UTC):{_STAMP}}.tar.gz{'.age' if encrypted else ''}"


def made_at(name: str) -> datetime | None:
    """The instant in a name that `name_for` gave; None for any other."""
    if not (match := _NAME.fullmatch(name)):
        return None
    try:
        return datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def in_folder(folder: Path) -> dict[Path, datetime]:
    """The scheduled backups that are there, by file: when each was made."""
    return {path: at for path in folder.iterdir() if (at := made_at(path.name))}


def remove_unfinished(folder: Path, *, before: datetime) -> None:
    """Remove what is there of scheduled backups that began before that instant and were killed."""
    for path in folder.glob(".clinic-*"):
        at = made_at(path.stem.removeprefix("."))  # without what `appearing_whole` puts around a name
        if at and at < before:
            path.unlink(missing_ok=True)


def kept(instants: Collection[datetime], *, days: int, weeks: int) -> set[datetime]:
    """Those to keep: the newest of each of the last `days` days, and of each of the last `weeks` ISO weeks, that
    have any, by UTC's calendar. The newest of all is always one."""
    newest_first = sorted(instants, reverse=True)
    by_day: dict[object, datetime] = {}
    by_week: dict[object, datetime] = {}
    for instant in newest_first:
        by_day.setdefault(instant.date(), instant)
        by_week.setdefault(instant.isocalendar()[:2], instant)
    return {*newest_first[:1], *list(by_day.values())[:days], *list(by_week.values())[:weeks]}


def rotate(folder: Path, names: Collection[str], *, days: int, weeks: int) -> list[Path]:
    """Remove those scheduled backups of these `names` that are not kept; gives them.

    Other files in the folder are left alone: another database's backups may be all that there is of it.
    """
    backups = {path: at for path, at in in_folder(folder).items() if path.name in names}
    keep = kept(backups.values(), days=days, weeks=weeks)
    gone = sorted(path for path, at in backups.items() if at not in keep)
    for path in gone:
        path.unlink(missing_ok=True)
    return gone
