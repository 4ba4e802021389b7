"""What becomes of an enquiry: whose it is, closed, opened again, spam or not. Doing again what is done is nothing.

`by` is who of the staff did it, None for the command line. All give whether they changed anything, and flush; none
commits.
"""

from .. import clock
from ..extensions import db
from ..types import Author
from . import entries, notifications
from .listing import NOBODY
from .models import Enquiry
from .refusals import AssignedMeanwhile, HeldAsSpam


def assign(
    enquiry: Enquiry, *, to: Author | None, by: Author | None = None, instead_of: int | None = None
) -> bool:
    """Make it this member's to look after, or nobody's. Raises HeldAsSpam.

    `instead_of` is the number of who looks after it as far as `by` knows (NOBODY; None: whoever it is). Raises
    AssignedMeanwhile where somebody else does.
    """
    entries.lock(enquiry)
    if enquiry.owner_id == (to.id if to else None):
        return False
    _refuse_spam(enquiry)
    if instead_of is not None and instead_of != (enquiry.owner_id or NOBODY):
        raise AssignedMeanwhile
    enquiry.owner_id = to.id if to else None
    entries.add(enquiry, "assigned", by=by, text=to.name if to else "")
    return True


def close(enquiry: Enquiry, *, by: Author | None = None) -> bool:
    """It is done with. Raises HeldAsSpam."""
    entries.lock(enquiry)
    if enquiry.state == "closed":
        return False
    _refuse_spam(enquiry)
    enquiry.state, enquiry.closed_at = "closed", clock.now()
    entries.add(enquiry, "closed", by=by)
    return True


def reopen(enquiry: Enquiry, *, by: Author | None = None) -> bool:
    """It is not done with after all: open where it was answered, else new. Raises HeldAsSpam."""
    entries.lock(enquiry)
    _refuse_spam(enquiry)
    if enquiry.state != "closed":
        return False
    _wait_again(enquiry)
    entries.add(enquiry, "reopened", by=by)
    return True


def mark_spam(enquiry: Enquiry, *, by: Author | None = None) -> bool:
    """Put it aside."""
    entries.lock(enquiry)
    if enquiry.state == "spam":
        return False
    enquiry.state, enquiry.closed_at = "spam", None
    entries.add(enquiry, "spam", by=by)
    return True


def mark_not_spam(enquiry: Enquiry, *, by: Author | None = None) -> bool:
    """Take it back, and queue the mails that were held; those that went before do not go again."""
    entries.lock(enquiry)
    if enquiry.state != "spam":
        return False
    _wait_again(enquiry)
    notifications.received(enquiry)
    entries.add(enquiry, "not spam", by=by)
    return True


def _wait_again(enquiry: Enquiry) -> None:
    enquiry.state, enquiry.closed_at = ("open" if enquiry.first_answered_at else "new"), None
    db.session.flush()


def _refuse_spam(enquiry: Enquiry) -> None:
    if enquiry.state == "spam":
        raise HeldAsSpam
