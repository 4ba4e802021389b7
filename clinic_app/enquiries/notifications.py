"""Which mails an enquiry causes."""

from flask import current_app

from .. import rate_limits
from ..mail import outbox
from ..mail.addresses import mailbox
from ..opening import opening
from . import references
from .models import Enquiry

ACKNOWLEDGED = "5 per day"  # to one mailbox: nobody can have the clinic write to a stranger without end


def received(enquiry: Enquiry) -> None:
    """One mail to each staff recipient, and an acknowledgement to the sender where there is an address.

    The acknowledgement repeats nothing of the message: anybody can type anybody's address into a form.
    """
    clinic = current_app.config["CLINIC"]
    sender = (enquiry.name, enquiry.email) if enquiry.email else None
    context = {
        "enquiry": enquiry,
        "reference": references.shown(enquiry.reference),
        "about": _within_a_sentence(enquiry.topic),
    }
    for recipient in clinic.recipients:
        outbox.enqueue(
            "enquiry_for_staff",
            to=recipient,
            event=f"enquiry:{enquiry.id}:for_staff",
            reply_to=sender,
            about=("enquiry", enquiry.id),
            context=context | {"with_message": clinic.staff_mail_detail == "full"},
        )
    if sender and _may_be_told(enquiry.email):
        outbox.enqueue(
            "enquiry_received",
            to=sender,
            event=f"enquiry:{enquiry.id}:received",
            about=("enquiry", enquiry.id),
            context=context | {"week": [(day, hours) for day, hours, _ in opening().week]},
        )


def _may_be_told(address: str) -> bool:
    try:
        rate_limits.hit("acknowledge", mailbox(address), ACKNOWLEDGED)
    except rate_limits.TooOften:
        return False
    return True


def replied(enquiry: Enquiry, *, text: str, key: str) -> int:
    """A reply that staff wrote; gives its mail's number. Answers to it go to the clinic's mailbox.

    `key` tells this reply from others.
    """
    clinic = current_app.config["CLINIC"]
    return outbox.enqueue(
        "enquiry_reply",
        to=(enquiry.name, enquiry.email),
        event=f"enquiry:{enquiry.id}:reply:{key}",
        reply_to=(clinic.name, clinic.email),
        about=("enquiry", enquiry.id),
        context={"enquiry": enquiry, "reference": references.shown(enquiry.reference), "text": text},
    )


def _within_a_sentence(topic: str) -> str:
    """`a question` for "A question"; names such as "NDIS plans" stay as they are."""
    first_word = topic.split()[0]
    return topic if len(first_word) > 1 and first_word.isupper() else topic[:1].lower() + topic[1:]
