"""The session cookie is staff's: no other page reads it, sets it, or varies by it."""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature

from ..paths import is_staffs


class StaffSessions(SecureCookieSessionInterface):
    """Flask's signed cookie on staff's pages; on all others a session that is empty and cannot be written."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Of whatever age: a sign-in ends with its row, and half of one with its password. Flask would refuse, and
        so forget, what another server has signed a moment ago whose clock is a second ahead, and all that was
        signed before a clock was set back."""
        if not is_staffs(request.path):
            return None
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        try:
            return self.session_class(self.get_signing_serializer(app).loads(cookie))
        except BadSignature:
            return self.session_class()


def init_app(app: Flask) -> None:
    """Name the cookie; behind TLS by a name that browsers take from this very host only (RFC 6265bis, 4.1.3.2)."""
    secure = app.config["CLINIC"].public_url.startswith("https://")
    app.session_interface = StaffSessions()
    app.config.update(
        SESSION_COOKIE_NAME="__Host-staff" if secure else "staff",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
