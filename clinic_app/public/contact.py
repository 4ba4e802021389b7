"""The contact form. Whatever happens, what a visitor typed is stored or still in front of them."""

from functools import partial

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from wtforms import SelectField
from wtforms.validators import ValidationError

from .. import rate_limits
from ..database import transaction
from ..enquiries import inbox, references
from ..enquiries.models import MESSAGE_LENGTH
from ..web import form_token
from ..web.fields import AtMost, Required, TextField
from ..web.guards import client_address, refuse_other_sites
from ..web.outages import is_outage
from ..web.visitor_form import VisitorForm

bp = Blueprint("contact", __name__, url_prefix="/contact")
bp.before_request(refuse_other_sites)


class ContactForm(VisitorForm):
    """What a visitor tells us; `submission` is what we make of it."""

    topic = SelectField("What is it about?", validate_choice=False)
    message = TextField(
        "Message",
        [Required("your message"), AtMost(MESSAGE_LENGTH, "your message")],
        description="Please leave out medical details.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.topic.choices = list(current_app.config["CLINIC"].contact_topics)
        self.topic.data = self.topic.data or self.topic.choices[0]

    def validate_topic(self, field):
        if field.data not in field.choices:
            raise ValidationError("Choose what your message is about")

    def submission(self) -> inbox.Submission:
        token = form_token.read(self.token.data)
        return inbox.Submission(
            name=self.name.data,
            email=self.email.data,
            phone=self.phone.data,
            topic=self.topic.data,
            message=self.message.data,
            privacy_version=token.notice_version,
            nonce=token.nonce if "token" in request.form else "",
            honeypot=self.leave_empty.data or "",
            filled_in_seconds=token.age,
        )


@bp.route("", methods=["GET", "POST"])
def form():
    contact_form = ContactForm()
    if not contact_form.validate_on_submit():
        return _page(contact_form)
    try:
        reference = _receive(contact_form.submission())
    except rate_limits.TooOften as refusal:
        return _page(contact_form, too_often=refusal), 429
    except Exception as error:
        # Whatever went wrong, the visitor keeps what they typed.
        current_app.logger.exception("an enquiry could not be stored")
        return _page(contact_form, failure=True), 503 if is_outage(error) else 500
    return redirect(url_for(".thanks", reference=references.shown(reference)), 303)


@bp.get("/thanks/<reference>")
def thanks(reference):
    enquiry = inbox.find(reference)
    if not enquiry:
        return redirect(url_for(".form"))
    return render_template("public/contact/thanks.html", reference=references.shown(enquiry.reference))


def _receive(submission: inbox.Submission) -> str:
    """The reference of the enquiry, new or sent before; only new ones count towards the limit."""
    limit = current_app.config["CLINIC"].contact_limit
    count = partial(rate_limits.hit, "contact", client_address(), limit)
    prepared = inbox.prepare(submission)
    with transaction():
        return inbox.store(prepared, count=count).reference


def _page(contact_form: ContactForm, **why) -> str:
    return render_template("public/contact/form.html", form=contact_form, **why)
