"""Which mails an enquiry causes."""

from flask import current_app
from sqlalchemy import ColumnElement

from .. import rate_limits
from ..mail import changing, outbox
from ..mail.addresses import mailbox, name_to_tell
from ..mail.models import OutboxMail
from ..times.opening import opening
from . import references
from .models import Enquiry

RECEIVED = "enquiry_received"
REPLY = "enquiry_reply"
ANSWERED = "the message was answered before it had gone out"  # why a mail was withdrawn
READDRESSED = "it had not gone out when the email address was corrected"
ACKNOWLEDGED = "5 per day"  # to one mailbox: nobody can have the clinic write to a stranger without end


def received(enquiry: Enquiry) -> None:
    """Queue the mails that a new enquiry causes; those that were queued before are not queued again."""
    queue(enquiry, compose(enquiry))


def queue(enquiry: Enquiry, mails: list[dict]) -> None:
    """Queue what `compose` has made of the enquiry, which has a number now."""
    due = [mail for mail in mails if mail["name"] != RECEIVED or _may_be_told(enquiry.email)]
    about = {"about_kind": "enquiry", "about_id": enquiry.id}
    outbox.queue_all([mail | about | {"event": f"enquiry:{enquiry.id}:{mail['event']}"} for mail in due])


def compose(enquiry: Enquiry) -> list[dict]:
    """One mail to each staff recipient, and an acknowledgement to the sender where there is an address.

    The acknowledgement repeats nothing of the message: anybody can type anybody's address into a form. Events
    lack the enquiry's number, which it may not have yet.
    """
    clinic = current_app.config["CLINIC"]
    sender = (enquiry.name, enquiry.email) if enquiry.email else None
    context = {
        "enquiry": enquiry,
        "reference": references.shown(enquiry.reference),
        "about": _within_a_sentence(enquiry.topic),
    }
    for_staff = context | {"with_message": clinic.staff_mail_detail == "full"}
    mails = [
        outbox.compose("enquiry_for_staff", to=recipient, event="for_staff", reply_to=sender, context=for_staff)
        for recipient in clinic.recipients
    ]
    if sender:
        hours = opening()
        for_sender = context | {"week": hours.usual_week, "unusual_days": hours.unusual_days}
        to = (name_to_tell(enquiry.name), enquiry.email)
        mails.append(outbox.compose(RECEIVED, to=to, event="received", context=for_sender))
    return mails


def _may_be_told(address: str) -> bool:
    try:
        rate_limits.hit("acknowledge", mailbox(address), ACKNOWLEDGED)
    except rate_limits.TooOften:
        return False
    return True


def replied(enquiry: Enquiry, *, text: str, after: int) -> int:
    """A reply that staff wrote; gives its mail's number. Answers to it go to the clinic's mailbox.

    The line that it comes `after`, by number, tells it from others. Word that the message has arrived does not go
    out behind it.
    """
    changing.withdraw_all_untrue(_to_sender(enquiry, RECEIVED), reason=ANSWERED)
    clinic = current_app.config["CLINIC"]
    return outbox.enqueue(
        REPLY,
        to=(enquiry.name, enquiry.email),
        event=f"enquiry:{enquiry.id}:reply:{after}",
        reply_to=(clinic.name, clinic.email),
        about=("enquiry", enquiry.id),
        context={"enquiry": enquiry, "reference": references.shown(enquiry.reference), "text": text},
    )


def readdressed(enquiry: Enquiry) -> list[int]:
    """Who wrote has another email address: what has not gone out to the old one never goes.

    Gives the numbers of those mails.
    """
    return changing.withdraw_all_untrue(_to_sender(enquiry, RECEIVED, REPLY), reason=READDRESSED)


def _to_sender(enquiry: Enquiry, *names: str) -> ColumnElement[bool]:
    """The mails of these names about it."""
    return OutboxMail.is_about("enquiry", enquiry.id) & OutboxMail.name.in_(names)


def _within_a_sentence(topic: str) -> str:
    """`a question` for "A question"; names such as "NDIS plans" stay as they are."""
    first_word = topic.split()[0]
    return topic if len(first_word) > 1 and first_word.isupper() else topic[:1].lower() + topic[1:]
