"""How often one may guess: counted before anything is read, by address and account, in its own transaction.

In a browser in which its member has signed in before, guesses at an account are counted by that browser alone: no
stranger who knows the address can lock the member out there. A guess that was right is taken back, so that a whole
clinic behind one address can sign in at eight o'clock. The answer is the same whether the account exists or not,
and tells no time to try again: a member's own sign-in may have begun the window. Flask-Security does not throttle
by itself.
"""

from flask import Flask, current_app, g, render_template, request, session
from flask_login import current_user

from ... import database, rate_limits
from ...accounts.members import normal_address
from ...accounts.models import Member
from ...mail.addresses import BadAddress
from ...web.guards import client_address
from . import devices

# What is guessed at these endpoints.
GUESSES = {
    "security.login": "password",
    "security.verify": "password",
    "security.change_password": "password",
    "security.two_factor_token_validation": "code",
    "security.mf_recovery": "recovery code",
    "security.wan_signin_response": "passkey",
    "security.wan_verify_response": "passkey",
    "security.reset_password": "reset link",
    "security.forgot_password": "reset request",
}
ALWAYS_COUNTS = {"reset request"}
ASK_FOR_ADDRESS = {"security.login", "security.forgot_password"}


def init_app(app: Flask) -> None:
    """Count at the doors. Registered before what writes, so that counting is done when that begins."""
    app.before_request(_count)
    app.after_request(_take_back)


def unlock(member: Member) -> None:
    """Let the member try again: who has chosen a new password by mail is no guesser. Flushes."""
    limits = current_app.config["CLINIC"].sign_in_limit
    for guess in set(GUESSES.values()) - ALWAYS_COUNTS:
        for account in (member.email, member.fs_uniquifier):
            rate_limits.forget(f"sign in: {guess}, account", account, limits)


def _count():
    guess = GUESSES.get(request.endpoint)
    if guess is None or request.method != "POST":
        return None
    hits = _hits(guess)
    limits = current_app.config["CLINIC"].sign_in_limit
    try:
        with database.transaction():
            for action, visitor in hits:
                rate_limits.hit(action, visitor, limits)
    except rate_limits.TooOften:
        return render_template("security/too_often.html"), 429
    if guess not in ALWAYS_COUNTS:
        g.counted = hits
    return None


def _hits(guess: str) -> list[tuple[str, str]]:
    """(what, whose) to count."""
    account = _account()
    if account and (browser := devices.known(account)):
        return [(f"sign in: {guess}, browser", browser)]
    by_account = [(f"sign in: {guess}, account", account)] if account else []
    return [(f"sign in: {guess}, address", client_address()), *by_account]


def _account() -> str | None:
    """Whose account it is about, as far as can be known: no matter whether there is one.

    The address as accounts keep it, so that no other spelling of it is counted for itself; and none where the form
    does not ask for it, so that adding one to a form with a code does not hide whose code it is.
    """
    if current_user.is_authenticated:
        return current_user.fs_uniquifier
    if request.endpoint not in ASK_FOR_ADDRESS:
        return session.get("tf_user_id")
    typed = request.form.get("email", "")
    try:
        return normal_address(typed)
    except BadAddress:
        return typed


def _take_back(response):
    """A guess that was right leads on; one that was wrong does not (but for passkeys, which always do)."""
    right = response.status_code in (302, 303)
    if GUESSES.get(request.endpoint) == "passkey":
        right = g.get("passkey_was_right", False)
    if right and (hits := g.pop("counted", None)):
        with database.transaction():
            for action, visitor in hits:
                rate_limits.take_back(action, visitor, current_app.config["CLINIC"].sign_in_limit)
    return response
