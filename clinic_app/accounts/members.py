"""Members of staff: who they are, and what owners change about them.

`by` is the owner who does it, None for the command line. Each change leaves an entry in the audit trail. Functions
flush.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ..extensions import db
from ..mail import changing, outbox
from ..mail.addresses import BadAddress, pair
from ..mail.models import OutboxMail
from . import audit, sign_ins
from .models import Invitation, Member
from .refusals import LastOwner, NotFound

OWNER = "owner"
KIND = "member"  # in the audit trail, and what mails to members are about
INVITATION, RESET = "staff_invitation", "staff_password_reset"  # mails with a link that lets a member in
DEACTIVATED = "the account was deactivated"  # why a mail was withdrawn


def normal_address(address: str) -> str:
    """The address as it is kept: members are told apart without regard to case. Raises BadAddress."""
    return pair(address.strip())[1].lower()


def everybody() -> Sequence[Member]:
    """All members, those who left last, with their passkeys."""
    query = select(Member).options(selectinload(Member.webauthn))
    return db.session.scalars(query.order_by(Member.active.desc(), Member.name, Member.id)).all()


def with_address(address: str) -> Member:
    """The member with this email address. Raises NotFound."""
    try:
        found = db.session.scalar(select(Member).filter_by(email=normal_address(address)))
    except BadAddress:
        found = None
    if found is None:
        raise NotFound(address)
    return found


def is_there_an_owner() -> bool:
    """Whether anybody is an owner who can sign in."""
    query = select(Member.role_names).where(Member.active, Member.password.is_not(None))
    return any(OWNER in names for names in db.session.scalars(query))


def rename(member: Member, name: str, *, by: Member | None) -> None:
    """Give the member another name."""
    if name != member.name:
        member.name = name
        audit.record("changed the name of", by=by, kind=KIND, id=member.id)


def change_roles(
    member: Member, names: Iterable[str], *, by: Member | None, practitioner_id: int | None = None
) -> None:
    """Give the member exactly these roles (names in roles.ROLES), and say whose calendar is theirs.

    Raises LastOwner.
    """
    names = list(dict.fromkeys(names))
    if OWNER not in names:
        _keep_an_owner(member)
    if (names, practitioner_id) == (member.role_names, member.practitioner_id):
        return
    member.role_names, member.practitioner_id = names, practitioner_id
    audit.record("changed the roles of", by=by, kind=KIND, id=member.id, roles=names)


def deactivate(member: Member, *, by: Member | None) -> None:
    """Let the member in no more, from this moment on, by no link either. Raises LastOwner."""
    _keep_an_owner(member)
    if not member.active:
        return
    member.active = False
    db.session.query(Invitation).filter_by(member_id=member.id).delete()
    for name in (INVITATION, RESET):
        withdraw(name, member, reason=DEACTIVATED)
    sign_ins.end_all(member)
    audit.record("deactivated", by=by, kind=KIND, id=member.id)


def activate(member: Member, *, by: Member | None) -> None:
    """Let the member in again."""
    if not member.active:
        member.active = True
        audit.record("activated", by=by, kind=KIND, id=member.id)


def sign_out(member: Member, *, by: Member | None) -> None:
    """End the member's sessions, in every browser."""
    sign_ins.end_all(member)
    audit.record("ended all sessions of", by=by, kind=KIND, id=member.id)


def reset_second_factor(member: Member, *, by: Member | None) -> None:
    """Take away app, recovery codes and passkeys, as when a phone was lost; ends the member's sessions too."""
    member.tf_primary_method = member.tf_totp_secret = member.mf_recovery_codes = None
    member.webauthn.clear()
    sign_ins.end_all(member)
    audit.record("reset the second factor of", by=by, kind=KIND, id=member.id)


def enqueue(name: str, member: Member, what: str, **context) -> int:
    """Queue the mail of this name to the member, once for `what` happened; gives its number. Flushes."""
    return outbox.enqueue(
        name,
        to=(member.name, member.email),
        event=f"member {member.id}: {what}",
        context={"member": member, **context},
        about=(KIND, member.id),
    )


def withdraw(name: str, member: Member, *, reason: str, but: int | None = None) -> None:
    """Withdraw the mails of this name to the member that have not gone out, `but` for one: their link is not the
    one to follow any more, and whatever is mailed to the member next would wait for them."""
    which = OutboxMail.is_about(KIND, member.id) & (OutboxMail.name == name) & (OutboxMail.id != but)
    changing.withdraw_all_untrue(which, reason=reason)


def _keep_an_owner(member: Member) -> None:
    """Raise LastOwner where nobody but the member is an owner who can sign in.

    Locks all who can: of two owners who take each other's role at once, the second finds what the first did.
    """
    query = select(Member).where(Member.active, Member.password.is_not(None)).order_by(Member.id)
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    owners = {other.id for other in db.session.scalars(query) if OWNER in other.role_names}
    if owners == {member.id}:
        raise LastOwner
