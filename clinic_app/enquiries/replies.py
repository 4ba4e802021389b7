"""Answers that staff write: sent by the outbox, kept in the thread."""

from ..types import Author
from . import entries, notifications
from .models import Enquiry, EnquiryEntry
from .refusals import HeldAsSpam, NoAddress, WrittenMeanwhile

REPLY_LENGTH = 10_000


def send(
    enquiry: Enquiry, *, text: str, by: Author | None, nonce: str = "", seen: int | None = None
) -> EnquiryEntry:
    """Queue the reply to the person who asked; a new enquiry becomes open. Flushes.

    The same form sent again gives the reply that is there, and no second mail. `seen` is the number of the last
    line that its writer has seen (0: there was none). Raises NoAddress, HeldAsSpam, WrittenMeanwhile.
    """
    entries.lock(enquiry)
    if not enquiry.email:
        raise NoAddress
    if enquiry.state == "spam":
        raise HeldAsSpam
    key = entries.form_key("reply", text, nonce)
    if before := entries.written_before(enquiry, key):
        return before
    if seen is not None and entries.latest(enquiry) > seen:
        raise WrittenMeanwhile
    mail_id = notifications.replied(enquiry, text=text, key=key)
    entry = entries.add(enquiry, "reply", by=by, text=text, form_key=key, mail_id=mail_id)
    entries.mark_answered(enquiry)
    return entry
