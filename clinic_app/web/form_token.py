"""The token that a form carries: which form it is, and when it was handed out; signed, kept by nobody.

Public forms need no cookie. The nonce in the token tells one form from the next, so that sending it twice is
noticed; its signed time tells how long filling it in took.
"""

import secrets
from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadData, TimestampSigner

from .. import clock


@dataclass(frozen=True)
class FormToken:
    """A form's nonce, "" where it had none, and its age in seconds, None where its time is missing or forged."""

    nonce: str
    age: float | None


def new() -> str:
    """A token for a form that is being handed out."""
    return _signer().sign(secrets.token_urlsafe(16)).decode()


def read(text: str) -> FormToken:
    """What a submitted token says; a forged one still tells forms apart."""
    try:
        nonce, signed_at = _signer().unsign(text, return_timestamp=True)
    except BadData:
        return FormToken(nonce=text, age=None)
    return FormToken(nonce=nonce.decode(), age=(clock.now() - signed_at).total_seconds())


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.secret_key, salt="form")
