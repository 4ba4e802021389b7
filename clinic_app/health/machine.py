"""Has the instance's disk room, and who may read what is in it?"""

import os
import shutil
import stat
from pathlib import Path

from flask import current_app
from sqlalchemy import text

from .. import database, encryption
from ..extensions import db
from .finding import Findings

LITTLE = 1_000_000_000  # bytes
TOO_LITTLE = 100_000_000
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO
ENTER = stat.S_IXGRP | stat.S_IXOTH  # a folder that others may not enter hides what is in it
SECRET = ("secret_key", "clinic.toml", "clinic.sqlite")


def free_bytes(path: Path) -> int:
    """How much the site's user can still write on the path's disk."""
    return shutil.disk_usage(path).free


def find_disk() -> Findings:
    """Whether there is room for what comes, and to put a backup together (twice the database)."""
    found = Findings("Disk")
    instance = Path(current_app.instance_path)
    free = free_bytes(instance)
    told = f"{free / 1e9:,.1f} GB free for {instance}."
    if free < TOO_LITTLE:
        return found.fail(told, "Make room: without it, nothing can be stored.")
    if free < LITTLE or free < 2 * _database_bytes():
        return found.warn(told, "Make room: a backup needs twice the database's size while it is made.")
    return found.ok(told)


def find_permissions() -> Findings:
    """Whether the site can write where it must, and others cannot read what is secret."""
    found = Findings("Permissions")
    instance = Path(current_app.instance_path)
    for folder in (instance, instance / "media"):
        if folder.exists() and not os.access(folder, os.W_OK):
            found.fail(f"{folder} cannot be written to.", f"Give it to the site's user: chown -R USER {folder}")
    for path in (instance / name for name in SECRET):
        if instance.stat().st_mode & ENTER and path.exists() and path.stat().st_mode & FOR_OTHERS:
            found.warn(f"Others on this machine can read {path}.", f"chmod 600 {path}")
    for path in _secrets_elsewhere():
        if os.access(path, os.F_OK) and path.stat().st_mode & stat.S_IROTH and path.parent.stat().st_mode & ENTER:
            found.warn(f"Everybody on this machine can read {path}.", f"chmod o= {path}")
    return found or found.ok("Others on this machine cannot read the database, the settings or the key.")


def _secrets_elsewhere() -> list[Path]:
    """What may lie outside the instance, where the site's group may well be the one that reads it."""
    passphrase = current_app.config["CLINIC"].backup_passphrase_file
    return [encryption.keys().path, *([Path(passphrase)] if passphrase else [])]


def _database_bytes() -> int:
    if database.is_sqlite():
        return Path(db.engine.url.database).stat().st_size
    return db.session.scalar(text("SELECT pg_database_size(current_database())"))
