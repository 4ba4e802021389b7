"""Invitations: a link, good for one use, by which somebody becomes a member of staff.

The database keeps only a token's SHA-256. A member has one invitation at most: a new one voids the one before. The
first owner may have no row yet: that link is signed, and good for as long as no owner is there.
"""

import secrets
from datetime import timedelta
from typing import NamedTuple

from flask import current_app
from itsdangerous import BadData, TimestampSigner
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from .. import clock, database
from ..extensions import db
from ..keys.secret_key import token_hash
from ..mail.rendering import public_url_for
from . import audit, members
from .models import Invitation, Member
from .refusals import AlreadyJoined, InvitationVoid, NotActive, NotFound

GOOD_FOR = timedelta(days=7)
FIRST = b"owner"
INVITED_AGAIN = "a later invitation has another link"  # why a mail was withdrawn
JOINED = "they had joined before it had gone out"


class Invited(NamedTuple):
    """Whom to invite: their address, roles (names in roles.ROLES), and whose calendar is theirs."""

    email: str
    roles: tuple[str, ...]
    name: str = ""
    practitioner_id: int | None = None


def invite(invited: Invited, *, by: Member | None) -> str:
    """Make the member, or the invitation anew for one who has not joined; queue its mail; give the link. Flushes.

    Raises AlreadyJoined, NotActive, BadAddress.
    """
    return renew(_member_for(invited), by=by)


def renew(member: Member, *, by: Member | None) -> str:
    """A new link for a member who has not joined, by mail and given back; the one before is void, and its mail
    goes no more. Flushes.

    Raises AlreadyJoined, NotActive.
    """
    database.lock(member)  # before their invitation, as who deactivates them does
    if member.has_joined:
        raise AlreadyJoined
    if not member.active:
        raise NotActive
    token, until = secrets.token_urlsafe(24), clock.now() + GOOD_FOR
    link = {"token_hash": token_hash(token), "expires_at": until}
    new = database.upsert(Invitation).values(member_id=member.id, **link)
    db.session.execute(new.on_conflict_do_update(index_elements=["member_id"], set_=link))
    audit.record("invited", by=by, kind=members.KIND, id=member.id, roles=member.role_names)
    url = public_url_for("welcome.member", token=token)
    members.withdraw(members.INVITATION, member, reason=INVITED_AGAIN)
    told = {"by": by, "url": url, "until": clock.format_in_full(until)}
    members.enqueue(members.INVITATION, member, f"invited {link['token_hash'][:16]}", **told)
    return url


def find(token: str) -> Member:
    """The member whom this link invites; only looks. Raises InvitationVoid."""
    query = select(Member).join(Invitation).where(*_good(token))
    if member := db.session.scalar(query):
        return member
    raise InvitationVoid


def accept(token: str, *, name: str, password_hash: str) -> Member:
    """Use the link up: its member has joined, and its mail goes no more. Flushes.

    Raises InvitationVoid, for all but one who race.
    """
    member = find(token)
    database.lock(member)  # see `renew`
    used = delete(Invitation).where(*_good(token))
    if not db.session.execute(used, execution_options={"synchronize_session": False}).rowcount:
        raise InvitationVoid
    member.name, member.password = name, password_hash
    members.withdraw(members.INVITATION, member, reason=JOINED)
    audit.record("joined", by=member, kind=members.KIND, id=member.id)
    return member


def first_owner_url() -> str:
    """A link for the site's first owner, for the console only; void as soon as an owner is there."""
    return public_url_for("welcome.first_owner", token=_signer().sign(FIRST).decode())


def check_first(token: str) -> None:
    """Raise InvitationVoid unless this link still makes the first owner; only looks."""
    try:
        _signer().unsign(token, max_age=int(GOOD_FOR.total_seconds()))
    except BadData:
        raise InvitationVoid from None
    if members.is_there_an_owner():
        raise InvitationVoid


def accept_first(token: str, *, email: str, name: str, password_hash: str) -> Member:
    """Make the first owner, also of one who was invited and has not joined. Flushes.

    Raises AlreadyJoined; InvitationVoid, for all but one of those who race.
    """
    if not database.is_sqlite():  # whose writers queue anyway
        db.session.execute(text("LOCK TABLE members IN EXCLUSIVE MODE"))  # not while somebody has a row of it
    check_first(token)
    member = _member_for(Invited(email=email, name=name, roles=(members.OWNER,)))
    member.password, member.active = password_hash, True
    db.session.execute(delete(Invitation).filter_by(member_id=member.id))
    members.withdraw(members.INVITATION, member, reason=JOINED)
    audit.record("joined", by=member, kind=members.KIND, id=member.id, roles=member.role_names)
    return member


def _member_for(invited: Invited) -> Member:
    """The member with this address, as invited now; a new one where there is none."""
    try:
        member = members.with_address(invited.email)
    except NotFound:
        member = Member(email=members.normal_address(invited.email), name=invited.name, role_names=[])
    if member.has_joined:
        raise AlreadyJoined
    member.role_names, member.practitioner_id = list(invited.roles), invited.practitioner_id
    member.name = invited.name or member.name
    db.session.add(member)
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError:  # invited by someone else at this very moment
        raise AlreadyJoined from None
    return member


def _good(token: str):
    return (Invitation.token_hash == token_hash(token), Invitation.expires_at > clock.now())


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.config["SECRET_KEY"], salt="first owner of the site")
