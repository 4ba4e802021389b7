"""Tokens that stand in addresses for texts that nobody else should read: addresses end up in logs and histories.

A token is the text itself, encrypted with a key made from the site's (Fernet: AES and HMAC), so nothing has to be
kept. It works for a day, and is another one each time. The library is loaded with the first token.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app

from .. import clock

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

WORKS_FOR = timedelta(days=1)


class NoSuchToken(Exception):
    """The token is none of ours, or of another kind."""


class TokenEnded(Exception):
    """The token is older than a day."""


def token_of(text: str, *, kind: str) -> str:
    """A token for the text, which only `read` with the same kind understands."""
    return _fernet(kind).encrypt(text.encode()).decode().rstrip("=")


def read(token: str, *, kind: str) -> str:
    """The text of a token. Raises NoSuchToken, TokenEnded."""
    from cryptography.fernet import InvalidToken

    padded = token + "=" * (-len(token) % 4)
    try:
        text = _fernet(kind).decrypt(padded).decode()
        made_at = _fernet(kind).extract_timestamp(padded)
    except (InvalidToken, ValueError):
        raise NoSuchToken from None
    if clock.now().timestamp() - made_at > WORKS_FOR.total_seconds():
        raise TokenEnded
    return text


def _fernet(kind: str) -> "Fernet":
    from cryptography.fernet import Fernet

    key = hmac.digest(current_app.config["SECRET_KEY"].encode(), kind.encode(), "sha256")
    return Fernet(urlsafe_b64encode(key))
