"""Answers that staff write: sent by the outbox, kept in the thread."""

from .. import sent_forms
from ..types import Author
from . import entries, notifications
from .models import Enquiry
from .refusals import HeldAsSpam, NoAddress, WrittenMeanwhile

REPLY_LENGTH = 10_000


def send(enquiry: Enquiry, *, text: str, by: Author | None, nonce: str = "", seen: int | None = None) -> bool:
    """Queue the reply to the person who asked, once for a form; gives whether it is new. Flushes.

    A new enquiry becomes open. `seen` is the number of the last line that its writer has seen (0: there was none).
    Raises NoAddress, HeldAsSpam, WrittenMeanwhile.
    """
    entries.lock(enquiry)
    if not enquiry.email:
        raise NoAddress
    if enquiry.state == "spam":
        raise HeldAsSpam
    key = sent_forms.key_of(nonce, "reply", text)
    if entries.written_before(enquiry, key):
        return False
    if seen is not None and entries.latest(enquiry) > seen:
        raise WrittenMeanwhile
    mail_id = notifications.replied(enquiry, text=text, key=key)
    entries.add(enquiry, "reply", by=by, text=text, form_key=key, mail_id=mail_id)
    entries.mark_answered(enquiry)
    return True
