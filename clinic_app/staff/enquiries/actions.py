"""What is done to an enquiry with one button."""

from flask import abort, flash, redirect, url_for

from ...database import transaction
from ...enquiries import references, refusals, states
from ..area import member, record
from .area import REFUSALS, back_to, bp, found, people
from .forms import AssignForm


@bp.post("/<reference>/assign")
def assign(reference):
    staff = people()
    form = AssignForm(people=staff)
    if not form.validate_on_submit():
        abort(400)
    owner = next((person for person in staff if str(person.id) == form.owner.data), None)
    said = f"{owner.name} looks after this enquiry now." if owner else "Nobody looks after this enquiry now."
    return _do(reference, states.assign, "assigned", said, to=owner)


@bp.post("/<reference>/close")
def close(reference):
    return _do(reference, states.close, "closed", "Closed.", undo="reopen")


@bp.post("/<reference>/reopen")
def reopen(reference):
    return _do(reference, states.reopen, "reopened", "Opened again.")


@bp.post("/<reference>/spam")
def spam(reference):
    return _do(reference, states.mark_spam, "marked as spam", "Marked as spam.", undo="not_spam")


@bp.post("/<reference>/not-spam")
def not_spam(reference):
    said = "Taken back. Emails that had been held are on their way."
    return _do(reference, states.mark_not_spam, "marked as not spam", said)


def _do(reference, change, action, said, *, undo=None, **given):
    """Change an enquiry, write it down, and go back to it with what came of it."""
    try:
        with transaction():
            enquiry = found(reference)
            change(enquiry, by=member(), **given)
            record(action, "enquiry", enquiry.id, **{word: who and who.id for word, who in given.items()})
    except refusals.Refused as refusal:
        flash(REFUSALS[type(refusal)], "error")
        return redirect(url_for(".show", reference=reference), 303)
    if undo:
        flash({"text": said, "undo": url_for(f".{undo}", reference=references.shown(enquiry.reference))}, "undo")
    else:
        flash(said)
    return back_to(enquiry)
