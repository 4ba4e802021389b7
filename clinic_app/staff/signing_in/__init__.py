"""Signing in, by Flask-Security: bound to our tables, mails, words and pages; throttled, and in the trail."""

from flask import Flask, abort, redirect, render_template, request, session, url_for
from flask_login import current_user
from flask_security import Security, SQLAlchemyUserDatastore, logout_user
from flask_security.tf_plugin import tf_clean_session
from sqlalchemy import select

from ... import database
from ...accounts.codes import RecoveryCodes
from ...accounts.mails import SecurityMail
from ...accounts.models import Member, Passkey
from ...accounts.roles import Role
from ...extensions import db
from . import app_keys, devices, forms, passkeys, required, sessions, throttle, trail, writing
from .settings import settings

# Ways in which Flask-Security could be used that are not ours.
NOT_OURS = {"security.two_factor_rescue"}
ASK_FOR_CODE = {"security.two_factor_token_validation", "security.mf_recovery"}


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
    app.before_request(_sign_out_who_was_here)
    app.before_request(_lead_on_who_is_in)
    app.before_request(_ask_for_no_code_of_old)
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


def _sign_out_who_was_here() -> None:
    """Somebody signs in by a form that was left open, and a colleague has signed in in this browser since:
    Flask-Security would lead them on as that colleague, whatever they typed."""
    if request.endpoint != "security.login" or request.method != "POST" or not current_user.is_authenticated:
        return
    if request.form.get("email", "").strip().lower() != current_user.email:
        with database.transaction():
            logout_user()


def _lead_on_who_is_in():
    """A code sent again, by somebody whom it has signed in: Flask-Security would take it for an attack and end
    the session."""
    if request.endpoint != "security.two_factor_token_validation" or not current_user.is_authenticated:
        return None
    return None if session.get("tf_state") == "validating_profile" else redirect(url_for("staff.queue.index"), 303)


def _ask_for_no_code_of_old() -> None:
    """Whose second step was reset while a code was asked for would be asked on and on: they start again, as the
    view says once the half of a sign-in is forgotten."""
    if request.endpoint in ASK_FOR_CODE and not current_user.is_authenticated and "tf_user_id" in session:
        found = db.session.scalar(select(Member).filter_by(fs_uniquifier=session["tf_user_id"]))
        if found and not found.has_second_factor:
            tf_clean_session()
