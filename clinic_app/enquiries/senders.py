"""Who wrote, as staff correct it: the message and what went out before stay as they are."""

from ..types import Author
from . import entries
from .models import Enquiry

# The trail of it, without the values.
CORRECTED = "Corrected the name, email address or phone number of who wrote."


def correct(enquiry: Enquiry, *, name: str, email: str, phone: str, by: Author | None) -> bool:
    """Take over these details, unknown ones empty, the phone number as E.164; gives whether any is new.

    The thread says who did it, and not what stood there before. Flushes.
    """
    entries.lock(enquiry)
    details = {"name": name, "email": email, "phone": phone}
    if all(getattr(enquiry, what) == value for what, value in details.items()):
        return False
    for what, value in details.items():
        setattr(enquiry, what, value)
    entries.add(enquiry, "note", by=by, text=CORRECTED)
    return True
