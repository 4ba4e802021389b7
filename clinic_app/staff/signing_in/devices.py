"""Browsers in which a member has signed in before. Guesses are counted apart in each of them.

So whoever guesses at an account elsewhere uses up the tries of strangers, and its owner still gets in (OWASP,
"Slow Down Online Guessing Attacks with Device Cookies"). The cookie signs nobody in and holds no address: it is a
signed list of keyed digests, each with a random word that its guesses are counted by.
"""

import secrets

from flask import Flask, after_this_request, current_app, request
from flask_security import signals
from itsdangerous import BadData, URLSafeTimedSerializer

from ...accounts.models import Member
from ...keys import secret_key

LASTS = 365 * 24 * 3600  # seconds after the last sign-in
MOST = 8  # members who share a browser, such as the one at the front desk


def init_app(app: Flask) -> None:
    """Mark a browser when somebody has signed in, second step and all."""
    signals.user_authenticated.connect(_remember, app)


def known(address: str) -> str | None:
    """The word for this browser if the member with this address has signed in in it before."""
    return _kept().get(_digest(address))


def _remember(_app, user: Member, **_) -> None:
    digest = _digest(user.email)
    kept = _kept()
    word = kept.pop(digest, None) or secrets.token_urlsafe(9)
    newest = dict([*kept.items(), (digest, word)][-MOST:])
    value = _signer().dumps(newest)

    @after_this_request
    def give(response):
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(
            _name(), value, max_age=LASTS, path="/", secure=secure, httponly=True, samesite="Strict"
        )
        return response


def _kept() -> dict[str, str]:
    try:
        return _signer().loads(request.cookies.get(_name(), ""), max_age=LASTS)
    except BadData:
        return {}


def _name() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"


def _digest(address: str) -> str:
    return secret_key.digest(f"known browser: {address}")[:24]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key, salt="known browsers")
