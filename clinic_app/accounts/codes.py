"""Codes as a second factor: those of an authenticator app (TOTP, RFC 6238), and recovery codes for its loss."""

import hmac
from typing import NamedTuple

from flask import current_app
from flask_security import MfRecoveryCodesUtil, Totp
from flask_security.proxies import _security
from passlib.exc import TokenError
from sqlalchemy import or_, update

from .. import database
from ..extensions import db
from ..keys import secret_key
from . import audit, members
from .models import Member


class Drawing(NamedTuple):
    """A QR code as the path of an SVG of `size` units each way: a unit is a module, quiet zone included."""

    size: int
    path: str


class Codes(Totp):
    """An app's codes, none of which is taken twice (RFC 6238, 5.2)."""

    def verify_totp(self, token: str, totp_secret: str, user: Member, window: int = 0) -> bool:
        """Whether the code is one of now; uses it up. A new secret begins afresh."""
        known = totp_secret == user.tf_totp_secret
        try:
            match = self._totp.verify(
                token, totp_secret, window=window, last_counter=user.totp_counter if known else None
            )
        except TokenError:
            return False
        unused = [or_(Member.totp_counter.is_(None), Member.totp_counter < match.counter)] if known else []
        taken = update(Member).where(Member.id == user.id, *unused).values(totp_counter=match.counter)
        return db.session.execute(taken).rowcount == 1

    def generate_qrcode(self, username: str, totp: str) -> Drawing:
        """The code that apps scan, drawn without the `data:` picture that our Content-Security-Policy forbids."""
        return draw(self.get_totp_uri(username, totp))


class RecoveryCodes(MfRecoveryCodesUtil):
    """Codes that are good once each. Only their HMACs are kept, so that they are seen once: when they are made."""

    def create_recovery_codes(self, user: Member) -> list[str]:
        wanted = current_app.config["SECURITY_MULTI_FACTOR_RECOVERY_CODES_N"]
        codes = _security.totp_factory.generate_recovery_codes(wanted)
        user.mf_recovery_codes = [_kept(code) for code in codes]
        audit.record("made recovery codes", by=user, kind=members.KIND, id=user.id)
        return codes

    def get_recovery_codes(self, user: Member) -> list[str]:
        return []

    def check_recovery_code(self, user: Member, code: str) -> bool:
        # Locked, so that of two who send it at once one finds it used.
        database.lock(user)
        if self._place(user, code) is not None:
            return True
        user.track_failed_authn("recovery code", True)
        return False

    def delete_recovery_code(self, user: Member, code: str) -> bool:
        audit.record(
            "used a recovery code", by=user, kind=members.KIND, id=user.id, left=len(user.mf_recovery_codes) - 1
        )
        del user.mf_recovery_codes[self._place(user, code)]
        return True

    def _place(self, user: Member, code: str) -> int | None:
        wanted = _kept(code)
        places = [n for n, kept in enumerate(user.mf_recovery_codes or []) if hmac.compare_digest(kept, wanted)]
        return places[0] if places else None


def draw(text: str) -> Drawing:
    """The text as a QR code (ISO/IEC 18004), runs of dark modules drawn as one."""
    from qrcode import QRCode  # needed when an app is set up, and never else

    code = QRCode(border=4)
    code.add_data(text)
    code.make()
    rows = code.get_matrix()
    path = "".join(f"M{x} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for x, length in _runs(row))
    return Drawing(size=len(rows), path=path)


def _runs(row: list[bool]):
    """(start, length) of each run of dark modules."""
    start = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            yield start, x - start
            start = None


def _kept(code: str) -> str:
    """What is kept of a recovery code, however it was typed."""
    bare = "".join(c for c in code.lower() if c.isalnum())
    return secret_key.digest(f"recovery code:{bare}")
