"""What Flask-Security says has happened: into the audit trail, and what else follows from it."""

from flask import Flask
from flask_login import current_user, user_logged_out
from flask_security import logout_user, signals

from ...accounts import audit, members, sign_ins
from ...accounts.models import Member
from . import sessions, throttle


def init_app(app: Flask) -> None:
    """Listen."""
    signals.user_authenticated.connect(_signed_in, app)
    signals.user_failed_authn.connect(_failed, app)
    user_logged_out.connect(_signed_out, app)
    signals.reset_password_instructions_sent.connect(_asked_for_reset, app)
    signals.password_reset.connect(_password_reset, app)
    signals.password_changed.connect(_password_changed, app)
    signals.tf_profile_changed.connect(_app_set_up, app)
    signals.tf_disabled.connect(_app_turned_off, app)
    signals.wan_registered.connect(_passkey_added, app)
    signals.wan_deleted.connect(_passkey_removed, app)


def _record(action: str, user: Member, *, by=None, **details) -> None:
    audit.record(action, by=by or user, kind=members.KIND, id=user.id, **details)


def _signed_in(_app, user: Member, authn_via=None, **_) -> None:
    if authn_via != ["change"]:  # Flask-Security's own way of keeping who changed the password signed in
        _record("signed in", user, how=", ".join(authn_via or ["password", "second step"]))


def _signed_out(_app, user: Member, **_) -> None:
    if user and user.is_authenticated:
        _record("signed out", user)


def _failed(_app, user: Member, auth_type: str, tfa: bool, **_) -> None:
    by = user if current_user.is_authenticated else audit.SOMEBODY
    _record("failed to sign in as", user, by=by, how=auth_type, second_step=tfa)


def _asked_for_reset(_app, user: Member, **_) -> None:
    _record("asked for a new password for", user, by=audit.SOMEBODY)


def _password_reset(_app, user: Member, **_) -> None:
    if current_user.is_authenticated:
        logout_user()  # whoever it is: the page to come says to sign in, and would lead on as a colleague
    sign_ins.end_all(user)
    throttle.unlock(user)
    _record("chose a new password", user, how="mail")


def _password_changed(_app, user: Member, **_) -> None:
    sign_ins.end_all(user, but=sessions.token())
    _record("changed the password", user)


def _app_set_up(_app, user: Member, **_) -> None:
    _record("set up an app for codes", user)


def _app_turned_off(_app, user: Member, **_) -> None:
    _record("turned off codes from an app", user)
    _forget_codes_without_use(user, passkeys=len(user.webauthn))


def _passkey_added(_app, user: Member, **_) -> None:
    _record("added a passkey", user)


def _passkey_removed(_app, user: Member, **_) -> None:
    _record("removed a passkey", user)
    _forget_codes_without_use(user, passkeys=len(user.webauthn) - 1)  # it goes when this has been said


def _forget_codes_without_use(user: Member, *, passkeys: int) -> None:
    """Recovery codes stand in for a second factor, and go with the last one."""
    if not user.tf_totp_secret and not passkeys:
        user.mf_recovery_codes = None
