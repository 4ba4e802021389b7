"""What becomes of an enquiry: whose it is, closed, opened again, spam or not. Doing again what is done is nothing.

`by` is who of the staff did it, None for the command line. Changes of one give whether they changed anything. All
flush, none commits. `undoing` is the number of the line of the thread that is to be undone, where it is about one:
they raise DoneAgain where the last one that says the same is another.
"""

from sqlalchemy import select, update

from .. import clock, database
from ..extensions import db
from ..types import Author, Keeper
from . import entries, listing, notifications
from .models import Enquiry
from .refusals import AssignedMeanwhile, CannotLookAfter, DoneAgain, HeldAsSpam, MadeAnonymous


def can_look_after(member: Keeper) -> bool:
    """Whether enquiries may be theirs."""
    return member.active and member.may("enquiries")


def keep_as_they_are(member: Keeper) -> None:
    """Lock the member: nobody changes what they may do until the transaction ends.

    Before any enquiry is locked, as it is done where a member is let go (people.departures).
    """
    db.session.refresh(member, with_for_update={"read": True})


def assign(
    enquiry: Enquiry, *, to: Keeper | None, by: Author | None = None, instead_of: int | None = None
) -> bool:
    """Make it this member's to look after, or nobody's. Raises HeldAsSpam, CannotLookAfter.

    `instead_of` is the number of who looks after it as far as `by` knows (listing.NOBODY; None: whoever does).
    Raises AssignedMeanwhile where somebody else does.
    """
    if to:
        keep_as_they_are(to)
    database.lock(enquiry)
    if enquiry.owner_id == (to.id if to else None):
        return False
    _refuse_spam(enquiry)
    if to and not can_look_after(to):
        raise CannotLookAfter
    if instead_of is not None and instead_of != (enquiry.owner_id or listing.NOBODY):
        raise AssignedMeanwhile
    enquiry.owner_id = to.id if to else None
    entries.add(enquiry, "assigned", by=by, text=to.name if to else "")
    return True


def leave(owner: Author, *, by: Author | None) -> list[int]:
    """Make nobody's what this member looks after and is not closed; gives the numbers of those.

    As many statements for a thousand as for one.
    """
    theirs = listing.unclosed_of(owner.id).order_by(Enquiry.id).with_for_update(key_share=True).cte("theirs")
    leaving = update(Enquiry).where(Enquiry.id.in_(select(theirs.c.id))).values(owner_id=None)
    options = {"synchronize_session": "fetch"}
    left = sorted(db.session.scalars(leaving.returning(Enquiry.id), execution_options=options))
    entries.add_to_each(left, "assigned", by=by)
    return left


def close(enquiry: Enquiry, *, by: Author | None = None) -> bool:
    """It is done with. Raises HeldAsSpam."""
    database.lock(enquiry)
    if enquiry.state == "closed":
        return False
    _refuse_spam(enquiry)
    enquiry.state, enquiry.closed_at = "closed", clock.now()
    entries.add(enquiry, "closed", by=by)
    return True


def reopen(enquiry: Enquiry, *, by: Author | None = None, undoing: int | None = None) -> bool:
    """It is not done with after all: open where it was answered, else new. Raises HeldAsSpam, MadeAnonymous."""
    database.lock(enquiry)
    _refuse_anonymous(enquiry)
    _refuse_spam(enquiry)
    if enquiry.state != "closed":
        return False
    _refuse_others(enquiry, "closed", undoing)
    enquiry.closed_at = None
    enquiry.state = _apart_from_spam(enquiry)
    entries.add(enquiry, "reopened", by=by)
    return True


def wait_again(enquiry: Enquiry, *, by: Author | None) -> bool:
    """Its only answers never went out: it is new again, closed or not, or will be once it is taken back from spam.

    With the enquiry locked. Gives whether it is new by that: not so where another answer stands, or it is spam.
    """
    if entries.an_answer_stands(enquiry):
        return False
    was_closed = enquiry.state == "closed"
    enquiry.first_answered_at = enquiry.closed_at = None
    if enquiry.state == "spam":
        return False
    enquiry.state = _apart_from_spam(enquiry)
    if was_closed:
        entries.add(enquiry, "reopened", by=by)
    return True


def mark_spam(enquiry: Enquiry, *, by: Author | None = None) -> bool:
    """Put it aside. Raises MadeAnonymous."""
    database.lock(enquiry)
    _refuse_anonymous(enquiry)
    if enquiry.state == "spam":
        return False
    enquiry.state = "spam"
    entries.add(enquiry, "spam", by=by)
    return True


def mark_not_spam(enquiry: Enquiry, *, by: Author | None = None, undoing: int | None = None) -> bool:
    """Take it back as it was, and queue the mails that were held. Raises MadeAnonymous."""
    database.lock(enquiry)
    _refuse_anonymous(enquiry)
    if enquiry.state != "spam":
        return False
    _refuse_others(enquiry, "spam", undoing)
    if holds_mails(enquiry):
        notifications.received(enquiry)
    enquiry.state = _apart_from_spam(enquiry)
    entries.add(enquiry, "not spam", by=by)
    return True


def holds_mails(enquiry: Enquiry) -> bool:
    """Whether it is held as spam, and has been since it came: of what staff have marked, mails went or go."""
    return enquiry.state == "spam" and entries.last(enquiry, "spam") is None


def _apart_from_spam(enquiry: Enquiry) -> str:
    """The state that its instants tell, which being spam leaves as they are."""
    return "closed" if enquiry.closed_at else "open" if enquiry.first_answered_at else "new"


def _refuse_spam(enquiry: Enquiry) -> None:
    if enquiry.state == "spam":
        raise HeldAsSpam


def _refuse_anonymous(enquiry: Enquiry) -> None:
    if enquiry.is_anonymous:
        raise MadeAnonymous


def _refuse_others(enquiry: Enquiry, kind: str, undoing: int | None) -> None:
    if undoing is None:
        return
    line = entries.last(enquiry, kind)
    if line is None or line.id != undoing:
        raise DoneAgain
