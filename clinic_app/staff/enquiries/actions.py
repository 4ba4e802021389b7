"""What is done to an enquiry with one button."""

from functools import partial

from flask import abort, flash, redirect, request, url_for

from ...accounts import members
from ...accounts.models import Member
from ...database import transaction
from ...enquiries import entries, refusals, states
from ...enquiries.models import Enquiry
from ...extensions import db
from ...lists.keyset import row_number
from ..area import member, record
from ..undoing import flash_done
from .area import REFUSALS, bp, found, kept_owner, leave_if_need_be
from .forms import AssignForm

# By what the trail calls an action: the kind of its line in the enquiry's thread, and how it is told.
LINES = {
    "closed": ("closed", "closed"),
    "reopened": ("reopened", "opened again"),
    "marked as spam": ("spam", "marked as spam"),
    "marked as not spam": ("not spam", "taken back from spam"),
}


@bp.post("/<reference>/assign")
def assign(reference):
    staff = members.everybody()  # those who cannot look after it any more too, so that this is said
    form = AssignForm(people=staff)
    if not form.validate_on_submit():
        abort(400)
    owner = next((person for person in staff if str(person.id) == form.owner.data), None)
    said = f"{owner.name if owner else 'Nobody'} looks after this enquiry now."
    give = partial(states.assign, to=owner, instead_of=form.known_owner())
    return _do(reference, give, "assigned", said, to=owner and owner.name)


@bp.post("/<reference>/close")
def close(reference):
    return _do(reference, states.close, "closed", "Closed.", undo="reopen")


@bp.post("/<reference>/reopen")
def reopen(reference):
    return _do(reference, partial(_reopen, undoing=_undone()), "reopened", "Opened again.")


@bp.post("/<reference>/spam")
def spam(reference):
    return _do(reference, states.mark_spam, "marked as spam", "Marked as spam.", undo="not_spam")


@bp.post("/<reference>/not-spam")
def not_spam(reference):
    has_held = states.holds_mails(found(reference))
    said = "Taken back. Emails that had been held are on their way." if has_held else "Taken back as it was."
    return _do(reference, partial(states.mark_not_spam, undoing=_undone()), "marked as not spam", said)


def _do(reference, change, action, said, *, undo=None, **details):
    """Change an enquiry, write it down, and go back to it with what came of it.

    The view `undo` is offered to the member who did it, just now or by an earlier press.
    """
    try:
        with transaction():
            enquiry = found(reference)
            if change(enquiry, by=member()):
                record(action, "enquiry", enquiry.id, **details)
            else:
                said = _in_vain(enquiry, action)
            line = entries.last(enquiry, LINES[action][0]) if undo else None
            undone = line.id if line and line.author_id == member().id else None
    except refusals.AssignedMeanwhile:
        now = f"{_owner(found(reference))} looks after this enquiry by now"
        flash(f"{now}, so this changed nothing. Press again to change that.", "error")
    except refusals.Refused as refusal:
        flash(REFUSALS[type(refusal)], "error")
    else:
        back = undone and url_for(f".{undo}", reference=reference, line=undone)
        flash_done(said, back)
    return redirect(url_for(".show", reference=reference), 303)


def _undone() -> int | None:
    """The number of the line that "Undo" is about; None for the buttons of the page."""
    return row_number(request.args.get("line", ""))


def _reopen(enquiry: Enquiry, *, by: Member, undoing: int | None) -> bool:
    """Open it again; as nobody's where whoever looked after it cannot any more."""
    owner = kept_owner(enquiry)
    if not states.reopen(enquiry, by=by, undoing=undoing):
        return False
    leave_if_need_be(enquiry, owner)
    return True


def _in_vain(enquiry: Enquiry, action: str) -> str:
    """What to say where nothing was left to do."""
    if action == "assigned":
        return f"{_owner(enquiry)} looks after this enquiry already, so this changed nothing."
    kind, done = LINES[action]
    line = entries.last(enquiry, kind)
    by = f" by {line.author_name or 'the command line'}" if line else ""
    return f"It was {done}{by} already, so this changed nothing."


def _owner(enquiry: Enquiry) -> str:
    return db.session.get_one(Member, enquiry.owner_id).name if enquiry.owner_id else "Nobody"
