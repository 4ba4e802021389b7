"""The site's own folder: which it is, its files' names, and what to do where it cannot be read or written."""

import errno
from collections.abc import Mapping
from pathlib import Path

USUAL = Path(__file__).resolve().parent.parent / "instance"
STARTER = Path(__file__).resolve().parent / "starter"  # what a new site begins with
# Files in the folder.
SETTINGS = "clinic.toml"
DATABASE = "clinic.sqlite"
KEY = "secret_key"
WORDS_KEYS = "encryption_keys"  # by which patients' words are read, a line each, where they are encrypted at rest
ADVICE = {
    errno.EACCES: "Run this as the site's user, or give the folder to that user: chown -R USER {folder}",
    errno.EROFS: "See why its disk takes no changes, and mount it so that it does.",
    errno.ENOSPC: "Make room on its disk.",
}


def find(environ: Mapping[str, str]) -> Path:
    """`$CLINIC_INSTANCE`, else `instance/` beside the program."""
    return Path(environ.get("CLINIC_INSTANCE") or USUAL).resolve()


def trouble(error: OSError, folder: Path) -> str:
    """What the system said of a file, and what to do about one in the folder."""
    file = Path(error.filename)
    advice = ADVICE.get(error.errno, "").format(folder=folder) if file.is_relative_to(folder) else ""
    return f"{file}: {error.strerror}. {advice}".strip()
