"""One enquiry: its story, the person behind it, and the forms to go on with."""

from flask import current_app, render_template, request

from ... import clock
from ...accounts.models import Member
from ...booking import listing as appointments
from ...database import transaction
from ...enquiries import listing, references, reply_templates, spam, states, threads
from ...enquiries.models import Enquiry
from ..area import record
from .area import bp, found, people
from .forms import NOBODY, AssignForm, NoteForm, ReplyForm


@bp.get("/<reference>")
def show(reference):
    with transaction():
        enquiry = found(reference)
        record("opened", "enquiry", enquiry.id)
    return page(enquiry, reply=ReplyForm(reply=chosen_template(enquiry, request.args)))


def page(
    enquiry: Enquiry, *, reply: ReplyForm | None = None, note: NoteForm | None = None, unseen: bool = False
) -> str:
    """The page, with a form as it was sent where one came back; if so asked, with what its writer has not seen."""
    booked = [threads.Item(kind="booked", at=m.created_at, made=m) for m in appointments.made_from(enquiry.id)]
    thread, form = threads.read(enquiry, besides=booked), reply or ReplyForm(formdata=None)
    written = {item.entry.id: item for item in thread if item.entry}
    may_call = enquiry.state != "spam" and not enquiry.is_anonymous
    news = [item for number, item in written.items() if number > form.last_seen()] if unseen else []
    if unseen or form.last_seen() is None:
        form.seen.data = str(max(written, default=0))
    staff = people(also=enquiry.owner_id)
    owner = next((person for person in staff if person.id == enquiry.owner_id), None)
    return render_template(
        "staff/enquiries/show.html",
        enquiry=enquiry,
        reference=references.shown(enquiry.reference),
        thread=thread,
        news=news,
        spam_reasons=spam.without_points(enquiry.spam_reasons),
        holds_mails=states.holds_mails(enquiry),
        reply=_told_where_it_goes(form, enquiry),
        note=_told_what_counts(note or NoteForm(formdata=None), may_call),
        may_call=may_call,
        wrong=next((form for form in (reply, note) if form and form.errors), None),
        assign=_assigning(enquiry, staff, owner),
        owner=owner,
        templates=[(each, reply_templates.filled(each, enquiry)) for each in reply_templates.in_order()],
        is_overdue=listing.is_overdue(enquiry),
        others=listing.others_of(enquiry),
        appointments=appointments.count_of(email_key=enquiry.email_key, phone=enquiry.phone),
        now=clock.now(),
    )


def chosen_template(enquiry: Enquiry, asked) -> str:
    """The text of the template whose number was asked for, for this enquiry; "" where there is none."""
    number = asked.get("template", "")
    templates = reply_templates.in_order() if number else ()
    return next((reply_templates.filled(each, enquiry) for each in templates if str(each.id) == number), "")


def _assigning(enquiry: Enquiry, staff: list[Member], owner: Member | None) -> AssignForm:
    now = {"owner": str(owner.id) if owner else NOBODY, "instead_of": str(enquiry.owner_id or listing.NOBODY)}
    return AssignForm(formdata=None, people=staff, **now)


def _told_where_it_goes(form: ReplyForm, enquiry: Enquiry) -> ReplyForm:
    mailbox = current_app.config["CLINIC"].email
    form.reply.description = f"Goes to {enquiry.email}, with their message below it. Answers come to {mailbox}."
    return form


def _told_what_counts(form: NoteForm, may_call: bool) -> NoteForm:
    about_calls = " A phone call counts as an answer." if may_call else ""
    form.note.description = f"Only staff see it, unless the person asks for what we hold.{about_calls}"
    return form
