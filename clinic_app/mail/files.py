"""Mail as files: where no mail server is set, each mail becomes an .eml file that any mail program opens."""

import os
import re
import tempfile
from pathlib import Path

from flask import current_app

from .models import OutboxMail
from .smtp import message_of

FOLDER = "outbox"


def file_name(mail: OutboxMail) -> str:
    """`20261124T093000Z-000012-test-robin@example.org.eml`: sorts by time (UTC), then number."""
    recipient = re.sub(r"[^A-Za-z0-9.@+-]", "_", mail.to_address).strip(".")[:80]
    folder = re.sub(r"[^A-Za-z0-9-]", "-", mail.name)[:60]
    return f"{mail.due_at:%Y%m%dT%H%M%SZ}-{mail.id or 0:06d}-{folder}-{recipient}.eml"


def write(mail: OutboxMail) -> Path:
    """Write the mail below `instance/outbox/`, whole or not at all; gives its path. Raises OSError."""
    content = message_of(mail).as_bytes()
    folder = Path(current_app.instance_path) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(mail)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")  # mode 600: patients' words
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def shown(path: Path) -> str:
    """The path as a person at the console would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
