"""Answers and notes: what staff write about an enquiry."""

from flask import flash, request

from ...database import transaction
from ...enquiries import entries, refusals, replies, states
from ...enquiries.models import Enquiry
from ..area import member, record
from .area import REFUSALS, back_to, bp, found
from .forms import NoteForm, ReplyForm
from .page import chosen_template, page


@bp.post("/<reference>/reply")
def reply(reference):
    form = ReplyForm()
    if form.insert.data:
        return _with_template(reference, form)
    if form.validate_on_submit():
        try:
            with transaction():
                enquiry = _send(reference, form)
        except refusals.WrittenMeanwhile:
            return page(found(reference), reply=form, unseen=True)
        except refusals.Refused as refusal:
            form.form_errors.append(REFUSALS[type(refusal)])
        else:
            closed = " The enquiry is closed." if form.send_and_close.data else ""
            flash(f"Your reply is on its way.{closed}")
            return back_to(enquiry)
    return page(found(reference), reply=form)


@bp.post("/<reference>/note")
def note(reference):
    form = NoteForm()
    if form.validate_on_submit():
        try:
            with transaction():
                enquiry = _keep(reference, form)
        except refusals.Refused as refusal:
            form.form_errors.append(REFUSALS[type(refusal)])
        else:
            flash("The call is saved." if form.keep_as_call.data else "The note is saved.")
            return back_to(enquiry)
    return page(found(reference), note=form)


def _send(reference: str, form: ReplyForm) -> Enquiry:
    enquiry = found(reference)
    seen, nonce = form.last_seen(), form.nonce.data
    is_new = replies.send(enquiry, text=form.reply.data, by=member(), nonce=nonce, seen=seen)
    closed = form.send_and_close.data and states.close(enquiry, by=member())
    if is_new:
        record("replied to", "enquiry", enquiry.id, closed=closed)
    elif closed:
        record("closed", "enquiry", enquiry.id)
    return enquiry


def _keep(reference: str, form: NoteForm) -> Enquiry:
    enquiry = found(reference)
    called = form.keep_as_call.data
    keep = entries.note_call if called else entries.note
    if keep(enquiry, text=form.note.data, by=member(), nonce=form.nonce.data):
        record("noted a call about" if called else "noted something about", "enquiry", enquiry.id)
    return enquiry


def _with_template(reference: str, form: ReplyForm) -> str:
    """The page again, with the chosen template beneath what was typed so far; for browsers without script."""
    with transaction():
        enquiry = found(reference)
        record("opened", "enquiry", enquiry.id)
    chosen = chosen_template(enquiry, request.form)
    form.reply.data = "\n\n".join(filter(None, (form.reply.data, chosen)))
    return page(enquiry, reply=form)
