"""Forms of a sign-in that were left open, and sent when something else had happened meanwhile.

Flask-Security takes them for attacks, for a colleague's, or for what they were when they were opened.
"""

from flask import Flask, redirect, request, session, url_for
from flask_login import current_user
from flask_security import logout_user
from flask_security.tf_plugin import tf_clean_session
from sqlalchemy import select

from ... import database
from ...accounts.models import Member
from ...extensions import db

LOGIN, PASSKEY = "security.login", "security.wan_signin"
CODE, RECOVERY = "security.two_factor_token_validation", "security.mf_recovery"


def init_app(app: Flask) -> None:
    """Look before its views do. Registered before what counts guesses, which asks who is signed in."""
    app.before_request(_sign_out_who_was_here)
    app.before_request(_lead_on_who_is_in)
    app.before_request(_ask_for_no_step_that_is_gone)


def _sign_out_who_was_here() -> None:
    """Somebody signs in by a form that was left open, and a colleague has signed in in this browser since:
    Flask-Security would lead them on as that colleague, whatever they typed."""
    if request.method == "POST" and current_user.is_authenticated and _is_of_another():
        with database.transaction():
            logout_user()


def _is_of_another() -> bool:
    """Whether the form is for signing in, and not of who is signed in. Whose a passkey is will only be seen."""
    if request.endpoint == LOGIN:
        return request.form.get("email", "").strip().lower() not in ("", current_user.email)
    if request.endpoint in (CODE, RECOVERY):
        return request.form.get("whose") not in (None, "", current_user.fs_uniquifier)
    return request.endpoint == PASSKEY


def _lead_on_who_is_in():
    """A code sent again, by somebody whom it has signed in: Flask-Security would take it for an attack and end
    the session."""
    if request.endpoint != CODE or not current_user.is_authenticated:
        return None
    return None if session.get("tf_state") == "validating_profile" else redirect(url_for("staff.queue.index"), 303)


def _ask_for_no_step_that_is_gone() -> None:
    """Whose second step was reset while they were asked for it would be asked on and on: they start again, as the
    views say once the half of a sign-in is forgotten."""
    half = session.get("tf_user_id") if request.blueprint == "security" else None
    if half and not current_user.is_authenticated:
        found = db.session.scalar(select(Member).filter_by(fs_uniquifier=half))
        if found and not found.has_second_factor:
            tf_clean_session()
