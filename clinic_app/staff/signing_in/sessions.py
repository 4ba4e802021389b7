"""A session is a row of the database beside the signed cookie, and ends with it: see accounts.sign_ins."""

from flask import Flask, g, request, session
from flask_login import LoginManager, current_user, user_logged_in, user_logged_out
from flask_login.utils import _user_context_processor
from flask_security.tf_plugin import tf_clean_session
from sqlalchemy.exc import DBAPIError

from ... import clock, database
from ...accounts import sign_ins
from ...accounts.models import Member, SignIn
from ...extensions import db
from ...paths import is_staffs
from ...web.outages import is_outage
from ..browsers import named

SIGN_IN = "sign_in"  # the session's key to the row's token
GRACE = "fs_gexp"  # Flask-Security's: until when nobody is asked for the password again


def init_app(app: Flask, login_manager: LoginManager) -> None:
    """End a session as soon as its row is gone."""
    load = login_manager._user_callback
    login_manager.user_loader(lambda user_id: _still_signed_in(load(user_id)))
    login_manager.request_loader(None)  # no tokens in headers
    # Our templates ask `member()`. By this one, the page of an outage would ask the database who is there.
    app.template_context_processors[None].remove(_user_context_processor)
    user_logged_in.connect(_begin, app)
    user_logged_out.connect(_end, app)
    app.before_request(_see)


def token() -> str | None:
    """The token of this browser's sign-in."""
    return session.get(SIGN_IN)


def current() -> SignIn | None:
    """The row of this browser's sign-in, as it stood when the request found who is there."""
    return g.get("sign_in")


def _still_signed_in(member: Member | None) -> Member | None:
    g.sign_in = found = sign_ins.find(token(), member) if member else None
    if found:
        db.session.expunge(found)  # or it would be asked for again after each commit, when it may have ended
    return member if found else None


def _begin(_app, user: Member) -> None:
    """A new token at every sign-in; nothing of the session before it stays good. Half of somebody else's sign-in,
    and then an app set up in the same session, would let its owner in as them."""
    sign_ins.end(session.pop(SIGN_IN, None))
    session.pop(GRACE, None)
    tf_clean_session()
    user.last_seen_at = clock.now()
    session[SIGN_IN] = sign_ins.start(user, browser=named(request.user_agent.string))


def _end(_app, user) -> None:
    sign_ins.end(session.pop(SIGN_IN, None))


def _see() -> None:
    """Write down, now and then, that a sign-in is still used."""
    if not is_staffs(request.path) or not current_user.is_authenticated:
        return
    found = current()
    if found and sign_ins.is_seen_again(found):
        try:
            _write_down(found.id, found.member_id)
        except DBAPIError as error:  # no reason to keep a page from someone while nothing can be written
            if not is_outage(error):
                raise


def _write_down(sign_in_id: int, member_id: int) -> None:
    with database.transaction():
        sign_ins.see(sign_in_id, member_id)
