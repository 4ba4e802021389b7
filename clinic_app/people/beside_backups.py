"""A note of what was erased, kept beside the automatic backups: by it a restored one is erased again.

The machine that the backup is of may be gone, and with it the only database that knew. The note has the lines of
`restoring.lines`: hashes and no person. It only ever gets longer, so a site that is new, or was put back, takes
nothing away that it does not know.
"""

import fcntl
from pathlib import Path

from flask import current_app

from ..files import appearing_whole
from . import restoring

NAME = "clinic-erasures.jsonl"
LOCK = ".erasures.lock"


def keep() -> None:
    """Write the note anew, readable by the site's user only, where `backup_folder` is set.

    Where the folder cannot be written to, that is logged: the next backup writes it.
    """
    if not (folder := current_app.config["CLINIC"].backup_folder):
        return
    try:
        with (Path(current_app.instance_path) / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # or one of two writers would lose what the other has read since
            _write(Path(folder))
    except OSError as error:
        current_app.logger.error("What was erased is not noted beside the backups: %s", error.strerror or error)


def noted_in(folder: Path) -> list[str]:
    """The lines of the note in this folder, none where there is no note."""
    try:
        with (folder / NAME).open(encoding="utf-8", errors="replace") as note:
            return [line.rstrip("\n") for line in note]
    except FileNotFoundError:
        return []


def is_in(folder: Path) -> bool:
    """Whether there is a note in this folder, be it that nobody was erased."""
    return (folder / NAME).exists()


def _write(folder: Path) -> None:
    """Until it has all: a server on another machine, which our lock does not reach, may write meanwhile."""
    written = None
    while (lines := dict.fromkeys([*noted_in(folder), *restoring.lines()])) != written:
        with appearing_whole(folder / NAME, mode=0o600) as note:
            note.write("".join(f"{line}\n" for line in lines).encode())
        written = lines
