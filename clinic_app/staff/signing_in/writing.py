"""Transactions around Flask-Security's views, which read first and write later.

On SQLite that only goes well in a writing transaction: see clinic_app.database.
"""

from collections.abc import Callable
from contextlib import suppress

from flask import Flask, request

from ...extensions import db

# Their forms begin to write themselves, when the slow hash of a password has been computed.
BEGIN_LATE = {"security.login", "security.forgot_password"}


def init_app(app: Flask) -> None:
    """Begin before its views, commit after them."""
    app.before_request(_begin)
    app.after_request(_commit)


def begin() -> None:
    """Begin to write. What was read before is read again on use."""
    db.session.rollback()
    db.session.connection(execution_options={"writes": True})


def pretend(work: Callable[[], object]) -> None:
    """Do the work and undo it, where somebody could tell by the time it takes that there was nothing to do."""
    with suppress(_Undone), db.session.begin_nested():
        work()
        raise _Undone


class _Undone(Exception):
    pass


def _writes() -> bool:
    return request.blueprint == "security" and request.method == "POST"


def _begin() -> None:
    if _writes() and request.endpoint not in BEGIN_LATE:
        begin()


def _commit(response):
    """It commits in some views and leaves it to the application in others."""
    if _writes() and response.status_code < 500:
        db.session.commit()
    return response
