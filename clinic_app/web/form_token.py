"""The token that a form carries: which form it is, when it was handed out, and with which privacy notice.

Signed, kept by nobody: public forms need no cookie. The nonce tells one form from the next, so that sending it
twice is noticed; the signed time tells how long filling it in took.
"""

import secrets
from typing import NamedTuple

from flask import current_app
from itsdangerous import BadData, TimestampSigner

from .. import clock
from ..privacy_notice import privacy_notice


class FormToken(NamedTuple):
    """A form's nonce, its age in seconds, and the version of the notice that stood beside it.

    The age is below zero for a form that was handed out before the server's clock was set back.
    For a token that is missing or forged, the nonce is what was sent, the age None, and the version today's.
    """

    nonce: str
    age: float | None
    notice_version: str


def new() -> str:
    """A token for a form that is being handed out."""
    return _signer().sign(f"{secrets.token_urlsafe(16)} {privacy_notice().version}").decode()


def read(text: str) -> FormToken:
    """What a submitted token says; a forged one still tells forms apart."""
    try:
        signed, signed_at = _signer().unsign(text, return_timestamp=True)
    except BadData:
        return FormToken(nonce=text, age=None, notice_version=privacy_notice().version)
    nonce, _, version = signed.decode().partition(" ")
    return FormToken(nonce=nonce, age=(clock.now() - signed_at).total_seconds(), notice_version=version)


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.secret_key, salt="form")
