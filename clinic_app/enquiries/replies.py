"""Answers that staff write: sent by the outbox, kept in the thread."""

from sqlalchemy import update

from .. import database, sent_forms
from ..extensions import db
from ..types import Author
from . import entries, notifications
from .models import Enquiry, EnquiryEntry
from .refusals import HeldAsSpam, NoAddress, WrittenMeanwhile

REPLY_LENGTH = 10_000


def send(enquiry: Enquiry, *, text: str, by: Author | None, nonce: str = "", seen: int | None = None) -> bool:
    """Queue the reply to the person who asked, once for a form; gives whether it is new. Flushes.

    A new enquiry becomes open. `seen` is the number of the last line that its writer has seen (0: there was none).
    Raises NoAddress, HeldAsSpam, WrittenMeanwhile.
    """
    database.lock(enquiry)
    if not enquiry.email or enquiry.is_anonymous:
        raise NoAddress
    if enquiry.state == "spam":
        raise HeldAsSpam
    key = sent_forms.key_of(nonce, "reply", text)
    if entries.written_before(enquiry, key):
        return False
    last = entries.latest(enquiry)
    if seen is not None and last > seen:
        raise WrittenMeanwhile
    mail_id = notifications.replied(enquiry, text=text, after=last)
    entries.add(enquiry, "reply", by=by, text=text, form_key=key, mail_id=mail_id)
    entries.mark_answered(enquiry)
    return True


def withdraw(enquiry: Enquiry) -> int:
    """Nothing more goes to the address that the enquiry had; gives how many replies that stops. Flushes.

    Their forms may be sent again.
    """
    ours = EnquiryEntry.mail_id.in_(notifications.readdressed(enquiry))
    stopped = update(EnquiryEntry).where(ours).values(form_key=None)
    return db.session.execute(stopped, execution_options={"synchronize_session": False}).rowcount
