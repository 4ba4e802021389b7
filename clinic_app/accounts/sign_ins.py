"""Where members are signed in: a row for each browser, so that each can be ended by itself and at once.

The database keeps only a token's SHA-256: a copy of it signs nobody in.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, delete, or_, select, update

from .. import clock
from ..extensions import db
from ..keys.secret_key import token_hash
from .models import Member, SignIn

SEEN_AGAIN_AFTER = timedelta(minutes=5)  # how exact `last_seen_at` is kept
BROWSER_LENGTH = 100


def start(member: Member, *, browser: str) -> str:
    """Sign the member in; gives the token for the cookie. Flushes."""
    token = secrets.token_urlsafe(32)
    db.session.add(SignIn(member_id=member.id, token_hash=token_hash(token), browser=browser[:BROWSER_LENGTH]))
    db.session.flush()
    return token


def find(token: str | None, member: Member) -> SignIn | None:
    """The member's sign-in of this token, unless it was ended or not used for `staff_session_hours`."""
    if not token:
        return None
    query = select(SignIn).filter_by(token_hash=token_hash(token), member_id=member.id)
    return db.session.scalar(query.where(~is_over()))


def all_of(member: Member) -> Sequence[SignIn]:
    """Where the member is signed in, the last used first."""
    query = select(SignIn).where(SignIn.member_id == member.id, ~is_over())
    return db.session.scalars(query.order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())).all()


def is_seen_again(sign_in: SignIn) -> bool:
    """Whether it is time to write down that it is still used, or used by a clock that was ahead."""
    return abs(clock.now() - sign_in.last_seen_at) > SEEN_AGAIN_AFTER


def see(sign_in_id: int, member_id: int) -> None:
    """Write down that it is used; what was ended stays so. Who ends it locks the member first, too."""
    now = clock.now()
    for table, number in ((Member, member_id), (SignIn, sign_in_id)):
        db.session.execute(update(table).where(table.id == number).values(last_seen_at=now))


def end(token: str | None) -> None:
    """Sign out where this token is kept."""
    if token:
        db.session.execute(delete(SignIn).filter_by(token_hash=token_hash(token)))


def end_one(member: Member, sign_in: SignIn) -> bool:
    """Sign the member out in one browser; whether it was one of theirs."""
    ended = delete(SignIn).filter_by(id=sign_in.id, member_id=member.id)
    return db.session.execute(ended).rowcount == 1


def end_all(member: Member, *, but: str | None = None) -> None:
    """Sign the member out everywhere, except where the token `but` is kept."""
    query = delete(SignIn).where(SignIn.member_id == member.id)
    db.session.execute(query.where(SignIn.token_hash != token_hash(but)) if but else query)


def is_over() -> ColumnElement[bool]:
    """SQL: the sign-in was not used for `staff_session_hours`, and lets nobody in any more. Nor does one that was
    used as far ahead, by a clock that has been set back since."""
    now, hours = clock.now(), timedelta(hours=current_app.config["CLINIC"].staff_session_hours)
    return or_(SignIn.last_seen_at <= now - hours, SignIn.last_seen_at > now + hours)
