"""Who wrote, as staff correct it: the message and what went out before stay as they are."""

from typing import NamedTuple

from .. import database
from ..types import Author
from . import entries, replies, states
from .models import Enquiry
from .refusals import MadeAnonymous

# The trail of it, without the values.
CORRECTED = "Corrected the name, email address or phone number of who wrote."


class Corrected(NamedTuple):
    """Whether any detail is new, how many replies will not go out to the old address any more, and whether the
    enquiry is new again by that."""

    is_new: bool
    withdrawn: int = 0
    waits_again: bool = False


def correct(enquiry: Enquiry, *, name: str, email: str, phone: str, by: Author | None) -> Corrected:
    """Take over these details, unknown ones empty, the phone number as E.164.

    The thread says who did it, and not what stood there before. What has not gone out to an address that was wrong
    never goes; where that was the only answer, the enquiry is to be answered again. Flushes.

    Raises MadeAnonymous.
    """
    database.lock(enquiry)
    if enquiry.is_anonymous:
        raise MadeAnonymous
    old_address = enquiry.email_key
    details = {"name": name, "email": email, "phone": phone}
    if all(getattr(enquiry, what) == value for what, value in details.items()):
        return Corrected(is_new=False)
    for what, value in details.items():
        setattr(enquiry, what, value)
    entries.add(enquiry, "note", by=by, text=CORRECTED)
    withdrawn = replies.withdraw(enquiry) if enquiry.email_key != old_address else 0
    waits_again = withdrawn > 0 and states.wait_again(enquiry, by=by)
    return Corrected(is_new=True, withdrawn=withdrawn, waits_again=waits_again)
