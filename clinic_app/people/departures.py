"""What a member of staff leaves behind: who can sign in no more, or may no longer see enquiries."""

from typing import NamedTuple

from ..accounts import audit
from ..accounts.models import Member
from ..booking import links
from ..booking.models import Practitioner
from ..enquiries import states
from ..extensions import db


class Left(NamedTuple):
    """How many enquiries became nobody's, and whether the secret address of a calendar ended."""

    enquiries: int
    calendar: bool


def settle(member: Member, *, by: Member | None) -> Left:
    """Let nothing wait for them, or be open to them, that they may not see any more; all in the trail. Flushes."""
    return Left(_leave_enquiries(member, by), _end_feed(member, by))


def _leave_enquiries(member: Member, by: Member | None) -> int:
    if states.can_look_after(member):
        return 0
    left = states.leave(member, by=by)
    audit.record_of_each(left, "assigned", by=by, kind="enquiry", to=None)
    return len(left)


def _end_feed(member: Member, by: Member | None) -> bool:
    if member.active or member.practitioner_id is None:
        return False
    has_ended = links.end_feed(db.session.get_one(Practitioner, member.practitioner_id))
    if has_ended:
        audit.record("ended the calendar address of", by=by, kind="practitioner", id=member.practitioner_id)
    return has_ended
