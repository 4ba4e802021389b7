"""The key that signs cookies and forms: made once, kept in `instance/`, readable by the site's user only."""

import hashlib
import hmac
import secrets
from pathlib import Path

from flask import current_app

from .. import site_folder
from ..checks import SettingsError
from ..files import appearing_whole

VARIABLE = "CLINIC_SECRET_KEY"
SHORTEST = 32
REPLACED = "\ufffd"  # what Python reads for a byte that is no text


def given(environ) -> str | None:
    """The key in `CLINIC_SECRET_KEY`, which several servers share; None where it is not set.

    Raises SettingsError for one that could be guessed.
    """
    key = environ.get(VARIABLE)
    if key is not None and len(key) < SHORTEST:
        raise SettingsError(
            f"environment: {VARIABLE} had {len(key)} characters; it should have {SHORTEST} or more, "
            'such as `python -c "import secrets; print(secrets.token_urlsafe(48))"` prints.'
        )
    return key


def load_or_make(instance: Path) -> str:
    """The key in `instance/secret_key`, made on first use.

    Servers that start together agree: the file appears whole or not at all, and the first one wins. Raises
    SettingsError for one that could be guessed, such as an empty one, or the zeros that a power cut can leave.
    """
    path = instance / site_folder.KEY
    if not path.exists():
        with appearing_whole(path, mode=0o600, first_stays=True) as file:
            file.write(secrets.token_urlsafe(48).encode())
    text = path.read_bytes().decode(errors="replace").strip()
    key = "".join(character for character in text if character.isprintable() and character != REPLACED)
    if len(key) < SHORTEST or key != text:
        raise SettingsError(
            f"{path} had {len(key)} readable characters; it should have {SHORTEST} or more, and nothing else. "
            "Put the old one back, which encrypted backups hold. If it is lost for good, remove the file, and a "
            "new key is made: links in emails already sent then do not work, and second factors have to be set up "
            "anew."
        )
    return key


def digest(text: str) -> str:
    """The same for the same text, and guessed by nobody without the site's key: HMAC-SHA256 in 64 digits."""
    return hmac.new(current_app.config["SECRET_KEY"].encode(), text.encode(), hashlib.sha256).hexdigest()


def token_hash(token: str) -> str:
    """What the database keeps of a secret link's or cookie's token, which nobody could guess: its SHA-256."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
