"""What each server of the site was started with, so that a settings file forgotten on one of several is noticed,
and one that changed since: hours, addresses and limits would depend on who answers.

A server's worker tells of it every few minutes; `health.servers` compares.
"""

import hashlib
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from socket import gethostname

from flask import current_app
from sqlalchemy import JSON, ColumnElement, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from . import clock, config, database
from .extensions import db
from .keys import secret_key
from .types import UTCDateTime

TOLD_EVERY = timedelta(minutes=10)
GONE_AFTER = timedelta(hours=1)
KEY = "secret key"
FOLDERS = ("templates", "static")  # of a clinic's own files
# These are the machine's.
MAY_DIFFER = {
    *("database_url", "encryption_key_file", "mail_ca_file", "mail_worker", "log_format", "log_requests"),
    *("backup_folder", "backup_every_hours", "backup_keep_days", "backup_keep_weeks", "backup_passphrase_file"),
}


class Server(db.Model):
    """A server by its machine and folder, the `digests` of what it was started with, and when it was seen last."""

    __tablename__ = "servers"

    name: Mapped[str] = mapped_column(String(400), primary_key=True)
    digests: Mapped[dict[str, str]] = mapped_column(JSON)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (Index("ix_servers_seen_at", "seen_at"),)


def name() -> str:
    """This server's, such as `web2:/srv/clinic/instance`."""
    return f"{gethostname()}:{current_app.instance_path}"[:400]


def digests() -> dict[str, str]:
    """What servers should have alike, by name; digests by the site's key, since there are passwords among it."""
    settings = current_app.config["CLINIC"]
    values = {key: getattr(settings, key) for key in config.defaults() if key not in MAY_DIFFER}
    ordered = {key: sorted(value.items()) if isinstance(value, dict) else value for key, value in values.items()}
    files = {f"{folder}/": _content(Path(current_app.instance_path, folder)) for folder in FOLDERS}
    return {key: secret_key.digest(f"{key} {value!r}") for key, value in ({KEY: ""} | ordered | files).items()}


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """The names of what two have otherwise. With another key, every digest is another."""
    names = [name for name in one if one[name] != other.get(name, one[name])]
    return [KEY] if KEY in names else names


def is_untold() -> bool:
    """Whether it is time for this server to tell of itself again."""
    told_at = current_app.extensions.get("server_told_at")
    return told_at is None or abs(clock.now() - told_at) >= TOLD_EVERY


def tell() -> None:
    """Write down that this server is here, and what it was started with."""
    kept = current_app.extensions
    kept["server_told_at"] = now = clock.now()
    if "server_digests" not in kept:
        kept["server_digests"] = digests()
    told = {"digests": kept["server_digests"], "seen_at": now}
    new = database.upsert(Server).values(name=name(), **told)
    db.session.execute(new.on_conflict_do_update(index_elements=["name"], set_=told))


def here() -> list[Server]:
    """The servers that told of themselves lately, by name."""
    return list(db.session.scalars(select(Server).where(~is_over()).order_by(Server.name)))


def with_another(setting: str) -> list[str]:
    """The names of the other servers here that were started with another value of the setting, or another key."""
    ours = digests()
    unlike = {setting, KEY}
    return [each.name for each in here() if each.name != name() and unlike & {*differing(ours, each.digests)}]


def is_over() -> ColumnElement[bool]:
    """SQL: the server is gone, or told of itself by a clock that was far ahead."""
    now = clock.now()
    return (Server.seen_at <= now - GONE_AFTER) | (Server.seen_at > now + GONE_AFTER)


def _content(folder: Path) -> list[tuple[str, str]]:
    """The files below it, but for hidden ones and what cannot be read, each with a digest."""
    named = ((path.relative_to(folder).as_posix(), path) for path in sorted(folder.rglob("*")))
    digested = ((name, _digest(path)) for name, path in named if "/." not in f"/{name}")
    return [(name, digest) for name, digest in digested if digest]


def _digest(path: Path) -> str:
    """A file's; empty for what is none, or cannot be read."""
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    return ""
