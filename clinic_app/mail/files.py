"""Mail as files: where no mail server is set, each mail becomes an .eml file that any mail program opens."""

import re
from pathlib import Path

from flask import current_app
from sqlalchemy import Row

from ..files import appearing_whole
from .models import OutboxMail
from .smtp import message_of

FOLDER = "outbox"


def file_name(mail: OutboxMail) -> str:
    """`20261124T093000Z-000012-test.eml`: sorts by time (UTC), then number. Logs tell it: it names nobody."""
    return f"{_beginning(mail)}{re.sub(r'[^A-Za-z0-9-]', '-', mail.name)[:60]}.eml"


def remove(mail: OutboxMail | Row) -> None:
    """Remove the mail's file, if there is one, known by its `id` and `due_at`.

    Files of earlier versions have the recipient in their names too.
    """
    for path in (Path(current_app.instance_path) / FOLDER).glob(f"{_beginning(mail)}*.eml"):
        path.unlink(missing_ok=True)


def write(mail: OutboxMail) -> Path:
    """Write the mail below `instance/outbox/`, whole or not at all; gives its path. Raises OSError."""
    content = message_of(mail).as_bytes()
    path = Path(current_app.instance_path) / FOLDER / file_name(mail)
    path.parent.mkdir(parents=True, exist_ok=True)
    with appearing_whole(path, mode=0o600) as file:  # patients' words
        file.write(content)
    return path


def _beginning(mail: OutboxMail | Row) -> str:
    return f"{mail.due_at:%Y%m%dT%H%M%SZ}-{mail.id or 0:06d}-"


def shown(path: Path) -> str:
    """The path as a person at the console would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
