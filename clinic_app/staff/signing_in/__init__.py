"""Signing in, by Flask-Security: bound to our tables, mails, words and pages; throttled, and in the trail."""

from flask import Flask, abort, render_template, request
from flask_security import Security, SQLAlchemyUserDatastore

from ...accounts.codes import RecoveryCodes
from ...accounts.mails import SecurityMail
from ...accounts.models import Member, Passkey
from ...accounts.roles import Role
from ...extensions import db
from . import app_keys, devices, forms, left_open, passkeys, required, sessions, throttle, trail, writing
from .settings import settings

# Ways in which Flask-Security could be used that are not ours.
NOT_OURS = {"security.two_factor_rescue"}


class ActiveMembers(SQLAlchemyUserDatastore):
    """The members, of whom Flask-Security finds only those who are active, however they sign in."""

    def find_user(self, case_insensitive: bool = False, **named) -> Member | None:
        found = super().find_user(case_insensitive=case_insensitive, **named)
        return found if found and found.active else None


def init_app(app: Flask) -> None:
    """Mount sign-in under /staff."""
    app.config.update(settings(app.config["CLINIC"], app.config["SECRET_KEY"]))
    security = Security(
        mail_util_cls=SecurityMail,
        totp_cls=app_keys.KeptCodes,
        mf_recovery_codes_util_cls=RecoveryCodes,
        webauthn_util_cls=passkeys.Passkeys,
        render_template=_page,
        **forms.FORMS,
    )
    security.init_app(app, ActiveMembers(db, Member, Role, Passkey))
    security.want_json(lambda _request: False)  # people sign in, not programs
    sessions.init_app(app, security.login_manager)
    passkeys.init_app(app)
    app.register_error_handler(app_keys.WrongFirstCode, app_keys.show_again)
    app.before_request(_refuse_what_is_not_ours)
    left_open.init_app(app)
    required.init_app(app)
    throttle.init_app(app)
    devices.init_app(app)
    writing.init_app(app)
    trail.init_app(app)


def _page(template: str, **context) -> str:
    for form in context.values():
        if isinstance(form, forms.TellsWhatIsMissing):
            form.put_back()
    return render_template(template, **context)


def _refuse_what_is_not_ours() -> None:
    if request.endpoint in NOT_OURS:
        abort(404)
    if request.blueprint == "security" and request.is_json:
        abort(400)
