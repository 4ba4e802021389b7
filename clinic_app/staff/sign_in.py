"""Signing in, by Flask-Security: its settings, and the row that stands for each sign-in."""

import hashlib
import hmac

from flask import Flask, request, session
from flask_login import current_user, user_logged_in, user_logged_out
from flask_security import Security, SQLAlchemyUserDatastore

from .. import clock, database
from ..accounts import sign_ins
from ..accounts.models import Member, Passkey
from ..accounts.roles import Role
from ..extensions import db
from .browsers import named
from .messages import MESSAGES
from .passwords import SHORTEST
from .session_cookie import is_staffs

SIGN_IN = "sign_in"  # the session's key to the row's token


def init_app(app: Flask) -> None:
    """Mount sign-in under /staff, and end a session as soon as its row is gone."""
    app.config.update(settings(app))
    security = Security()
    security.init_app(app, SQLAlchemyUserDatastore(db, Member, Role, Passkey))
    load = security.login_manager._user_callback
    security.login_manager.user_loader(lambda user_id: _still_signed_in(load(user_id)))
    security.login_manager.request_loader(None)  # no tokens in headers: only people sign in
    user_logged_in.connect(_begin, app)
    user_logged_out.connect(_end, app)
    app.before_request(_see)
    app.before_request(_begin_to_write)
    app.after_request(_commit)


def settings(app: Flask) -> dict:
    """What Flask-Security is told."""
    clinic = app.config["CLINIC"]
    key = app.config["SECRET_KEY"].encode()
    return {
        "SECURITY_URL_PREFIX": "/staff",
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_POST_LOGIN_VIEW": "/staff",
        "SECURITY_POST_LOGOUT_VIEW": "/staff/sign-in",
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_JOIN_USER_ROLES": False,  # they live in code
        "SECURITY_DATETIME_FACTORY": clock.now,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,  # nobody learns who has an account
        "SECURITY_PASSWORD_SCHEMES": ["argon2", "plaintext"],
        # Hashed once, with argon2's own salt: no password hangs on the site's secret key.
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2", "plaintext"},
        "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST,
        "SECURITY_TOTP_SECRETS": {"1": hmac.digest(key, b"totp", hashlib.sha256).hex()},
        "SECURITY_TOTP_ISSUER": clinic.name,
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
    } | {f"SECURITY_MSG_{key}": (text, "error") for key, text in MESSAGES.items()}


def _still_signed_in(member: Member | None) -> Member | None:
    return member if member and sign_ins.find(session.get(SIGN_IN), member) else None


def _begin(_app, user: Member) -> None:
    session[SIGN_IN] = sign_ins.start(user, browser=named(request.user_agent.string))


def _end(_app, user) -> None:
    sign_ins.end(session.pop(SIGN_IN, None))


def _writes() -> bool:
    return request.blueprint == "security" and request.method == "POST"


def _begin_to_write() -> None:
    """Flask-Security reads first and writes later, which on SQLite only goes well in a writing transaction."""
    if _writes():
        db.session.rollback()
        db.session.connection(execution_options={"writes": True})


def _commit(response):
    """It commits in some views and leaves it to the application in others."""
    if _writes() and response.status_code < 500:
        db.session.commit()
    return response


def _see() -> None:
    """Write down, now and then, that a sign-in is still used."""
    if not is_staffs(request.path) or not current_user.is_authenticated:
        return
    found = sign_ins.find(session.get(SIGN_IN), current_user)
    if found and sign_ins.is_seen_again(found):
        with database.transaction():
            db.session.merge(found).last_seen_at = clock.now()
