"""What becomes of an enquiry: whose it is, closed, opened again, spam or not. Doing again what is done is nothing.

`by` is who of the staff did it, None for the command line. All flush, none commits.
"""

from .. import clock
from ..extensions import db
from ..types import Author
from . import entries, notifications
from .models import Enquiry
from .refusals import HeldAsSpam, NotClosed, NotSpam


def assign(enquiry: Enquiry, *, to: Author | None, by: Author | None = None) -> None:
    """Make it this member's to look after, or nobody's. Raises HeldAsSpam."""
    entries.lock(enquiry)
    if enquiry.owner_id == (to.id if to else None):
        return
    _refuse_spam(enquiry)
    enquiry.owner_id = to.id if to else None
    entries.add(enquiry, "assigned", by=by, text=to.name if to else "")


def close(enquiry: Enquiry, *, by: Author | None = None) -> None:
    """It is done with. Raises HeldAsSpam."""
    entries.lock(enquiry)
    if enquiry.state == "closed":
        return
    _refuse_spam(enquiry)
    enquiry.state, enquiry.closed_at = "closed", clock.now()
    entries.add(enquiry, "closed", by=by)


def reopen(enquiry: Enquiry, *, by: Author | None = None) -> None:
    """It is not done with after all: open where it was answered, else new. Raises NotClosed, HeldAsSpam."""
    entries.lock(enquiry)
    if enquiry.state == "open":
        return
    _refuse_spam(enquiry)
    if enquiry.state != "closed":
        raise NotClosed
    _wait_again(enquiry)
    entries.add(enquiry, "reopened", by=by)


def mark_spam(enquiry: Enquiry, *, by: Author | None = None) -> None:
    """Put it aside."""
    entries.lock(enquiry)
    if enquiry.state == "spam":
        return
    enquiry.state, enquiry.closed_at = "spam", None
    entries.add(enquiry, "spam", by=by)


def mark_not_spam(enquiry: Enquiry, *, by: Author | None = None) -> None:
    """Take it back, and queue the mails that were held; those that went before do not go again.

    Raises NotSpam for one that is not held.
    """
    entries.lock(enquiry)
    if enquiry.state != "spam":
        raise NotSpam
    _wait_again(enquiry)
    notifications.received(enquiry)
    entries.add(enquiry, "not spam", by=by)


def _wait_again(enquiry: Enquiry) -> None:
    enquiry.state, enquiry.closed_at = ("open" if enquiry.first_answered_at else "new"), None
    db.session.flush()


def _refuse_spam(enquiry: Enquiry) -> None:
    if enquiry.state == "spam":
        raise HeldAsSpam
