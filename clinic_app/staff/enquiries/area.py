"""What the pages of enquiries share."""

from flask import redirect, url_for
from sqlalchemy import select

from ...accounts.models import Member
from ...enquiries import inbox, references, refusals, states
from ...enquiries.models import Enquiry
from ...extensions import db
from ..area import area, member, record, there

bp = area("enquiries", __name__, needs=("enquiries",))

REFUSALS = {
    refusals.HeldAsSpam: "This enquiry is held as spam. Say first that it is not.",
    refusals.MadeAnonymous: "This was made anonymous. It is nobody’s any more, so this changed nothing.",
    refusals.DoneAgain: "This was done again since, as you see below. “Undo” changed nothing.",
    refusals.CannotLookAfter: (
        "The person you chose can’t look after enquiries any more, so this changed nothing. Choose somebody else."
    ),
    refusals.NoAddress: "There is no email address to answer to. Call, and save what was said.",
}


def found(reference: str) -> Enquiry:
    """The enquiry of a reference in an address. Raises Gone."""
    return there(inbox.find(reference))


def back_to(enquiry: Enquiry):
    """Lead to the enquiry's page after something was done."""
    return redirect(url_for("staff.enquiries.show", reference=references.shown(enquiry.reference)), 303)


def people(*, also: int | None = None) -> list[Member]:
    """Who can look after enquiries, by name; `also` the member of this number, whatever they may do by now."""
    members = db.session.scalars(select(Member).order_by(Member.name, Member.id))
    return [m for m in members if m.id == also or states.can_look_after(m)]


def kept_owner(enquiry: Enquiry) -> Member | None:
    """Who looks after it, with what they may do kept as it is. Before the enquiry is locked to be opened again."""
    owner = db.session.get_one(Member, enquiry.owner_id) if enquiry.owner_id else None
    if owner:
        states.keep_as_they_are(owner)
    return owner


def leave_if_need_be(enquiry: Enquiry, owner: Member | None) -> None:
    """Make what was opened again nobody's where whoever looked after it cannot any more."""
    if owner and owner.id == enquiry.owner_id and not states.can_look_after(owner):
        states.assign(enquiry, to=None, by=member())
        record("assigned", "enquiry", enquiry.id, to=None)
