"""Correcting who wrote an enquiry, so that answers reach them."""

from flask import flash, render_template, request

from ...database import transaction
from ...enquiries import references, senders
from ...enquiries.models import Enquiry
from ...enquiries.senders import Corrected
from ...lists.counting import how_many
from ..area import lock, member, record
from ..contact_form import ANONYMOUS, ContactForm
from ..meanwhile import SavedMeanwhile
from .area import back_to, bp, found, kept_owner, leave_if_need_be


@bp.route("/<reference>/correct", methods=["GET", "POST"])
def correct(reference):
    enquiry = found(reference)
    if enquiry.is_anonymous:
        flash(ANONYMOUS, "error")
        return back_to(enquiry)
    form = ContactForm.of(enquiry)
    if request.method == "GET":
        with transaction():
            record("opened", "enquiry", enquiry.id)
        return _page(enquiry, form)
    if not form.validate():
        return _page(enquiry, form)
    try:
        with transaction():
            said = _correct(found(reference), form)
    except SavedMeanwhile:
        return _page(enquiry, form)
    flash(said)
    return back_to(enquiry)


def _correct(enquiry: Enquiry, form: ContactForm) -> str:
    """Do it, and give what to flash."""
    owner = kept_owner(enquiry)
    form.refuse_outdated(ContactForm.of(lock(enquiry), formdata=None))
    details = {"name": form.name.data, "email": form.email.data, "phone": form.phone.data}
    corrected = senders.correct(enquiry, **details, by=member())
    if not corrected.is_new:
        return "Nothing was changed: the details were so already."
    record("corrected the details of", "enquiry", enquiry.id)
    if corrected.waits_again:
        leave_if_need_be(enquiry, owner)
    return f"Details corrected. No email goes out by this.{_told(corrected)}"


def _told(corrected: Corrected) -> str:
    """What to say of the replies that were withdrawn, after what was done."""
    if not corrected.withdrawn:
        return ""
    those = how_many(
        corrected.withdrawn,
        "reply had not gone out to the old address and is",
        "replies had not gone out to the old address and are",
    )
    again = " There was no other answer, so the enquiry is new again." if corrected.waits_again else ""
    return f" {those} withdrawn: answer again if that is still needed.{again}"


def _page(enquiry: Enquiry, form: ContactForm) -> str:
    reference = references.shown(enquiry.reference)
    return render_template("staff/enquiries/correct.html", reference=reference, form=form)
