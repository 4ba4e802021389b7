"""A person's page has an address that tells nobody who it is: addresses lie in logs, histories and screenshots.

The token is the identities, encrypted with a key made from the site's (Fernet: AES and HMAC, a new text each
time). So nothing has to be kept, and a link can be made of any address or number. It works for a day. The library
is loaded with the first link.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import current_app

from .. import clock
from .identities import Identity

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

WORKS_FOR = timedelta(days=1)


class NoSuchLink(Exception):
    """The token is none of ours."""


class LinkEnded(Exception):
    """The token is older than a day."""


def token_of(identities: Iterable[Identity]) -> str:
    """A token for what is held under these."""
    told = json.dumps([[identity.kind, identity.value] for identity in identities], ensure_ascii=False)
    return _fernet().encrypt(told.encode()).decode().rstrip("=")


def read(token: str) -> tuple[Identity, ...]:
    """The identities of a token. Raises NoSuchLink, LinkEnded."""
    from cryptography.fernet import InvalidToken

    padded = token + "=" * (-len(token) % 4)
    try:
        told = json.loads(_fernet().decrypt(padded))
        made_at = _fernet().extract_timestamp(padded)
    except (InvalidToken, ValueError):
        raise NoSuchLink from None
    if clock.now().timestamp() - made_at > WORKS_FOR.total_seconds():
        raise LinkEnded
    return tuple(Identity(kind, value) for kind, value in told)


def _fernet() -> "Fernet":
    from cryptography.fernet import Fernet

    key = hmac.digest(current_app.config["SECRET_KEY"].encode(), b"links to people", "sha256")
    return Fernet(urlsafe_b64encode(key))
