"""Invented things for tests; people in them are plainly fictional."""

from clinic_app.enquiries import inbox
from clinic_app.enquiries.inbox import Submission
from clinic_app.enquiries.models import Enquiry


def submission(**changes) -> Submission:
    """What a visitor might have sent."""
    ordinary = {
        "name": "Robin Sample",
        "email": "robin@example.org",
        "phone": "+61491570006",
        "topic": "A question",
        "message": "Do you have parking?",
        "privacy_version": "1a2b3c4d",
        "nonce": "n-1",
        "filled_in_seconds": 30.0,
    }
    return Submission(**(ordinary | changes))


def enquire(**changes) -> Enquiry:
    """The enquiry that becomes of it; the caller commits."""
    return inbox.store(inbox.prepare(submission(**changes)))
