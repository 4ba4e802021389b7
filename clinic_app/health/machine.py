"""Has the instance's disk room, and who may read what is in it?"""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from flask import current_app
from sqlalchemy import text

from .. import database, site_folder
from ..extensions import db
from ..keys import encryption
from .finding import Findings

LITTLE = 1_000_000_000  # bytes
TOO_LITTLE = 100_000_000
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
ENTER = stat.S_IXGRP | stat.S_IXOTH  # a folder that others may not enter hides what is in it
OWN = ("templates", "static")
SECRET = (site_folder.KEY, site_folder.SETTINGS, site_folder.DATABASE)


def free_bytes(path: Path) -> int:
    """How much the site's user can still write on the path's disk."""
    return shutil.disk_usage(path).free


def database_bytes() -> int:
    """The size of the database, with what SQLite has not brought from its log into its file yet."""
    if not database.is_sqlite():
        return db.session.scalar(text("SELECT pg_database_size(current_database())"))
    files = (Path(f"{db.engine.url.database}{end}") for end in ("", "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def find_disk() -> Findings:
    """Whether there is room for what comes, and to put a backup together (twice the database)."""
    found = Findings("Disk")
    instance = Path(current_app.instance_path)
    free = free_bytes(instance)
    told = f"{free / 1e9:,.1f} GB free for {instance}."
    if free < TOO_LITTLE:
        return found.fail(told, "Make room: without it, nothing can be stored.")
    if free < LITTLE or free < 2 * database_bytes():
        return found.warn(told, "Make room: a backup needs twice the database's size while it is made.")
    return found.ok(told)


def find_permissions() -> Findings:
    """Whether the site can write where it must, and others cannot read what is secret."""
    found = Findings("Permissions")
    instance = Path(current_app.instance_path)
    for folder in (instance, instance / "media"):
        if folder.exists() and not os.access(folder, os.W_OK):
            found.fail(f"{folder} cannot be written to.", f"Give it to the site's user: chown -R USER {folder}")
    for folder in _unreadable(instance / name for name in OWN):
        found.fail(
            f"{folder} cannot be read, so what is in it is not used.",
            f"Give it to the site's user: chown -R USER {folder}",
        )
    for path in (instance / name for name in SECRET):
        if instance.stat().st_mode & ENTER and path.exists() and path.stat().st_mode & FOR_OTHERS:
            found.warn(f"Others on this machine can read {path}.", f"chmod 600 {path}")
    for path in _secrets_elsewhere():
        if os.access(path, os.F_OK) and path.stat().st_mode & stat.S_IROTH and path.parent.stat().st_mode & ENTER:
            found.warn(f"Everybody on this machine can read {path}.", f"chmod o= {path}")
    return found or found.ok("Others on this machine cannot read the database, the settings or the key.")


def _unreadable(folders: Iterable[Path]) -> Iterator[Path]:
    """Those of the folders, and of those below, that the site's user may not look into."""
    known = [folder for folder in folders if folder.exists()]
    for folder in known:
        if os.access(folder, os.R_OK | os.X_OK):
            known += (path for path in folder.iterdir() if path.is_dir())
        else:
            yield folder


def _secrets_elsewhere() -> list[Path]:
    """What may lie outside the instance, where the site's group may well be the one that reads it."""
    passphrase = current_app.config["CLINIC"].backup_passphrase_file
    return [encryption.keys().path, *([Path(passphrase)] if passphrase else [])]
