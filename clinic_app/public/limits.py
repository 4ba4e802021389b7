"""How often visitors may have us send mails about appointments: by their network, and by who is mailed.

What is booked, mended or moved over and over would mail a stranger, and staff, without end. (Cancelling needs no
count: an appointment is cancelled once.)
"""

from flask import current_app

from .. import rate_limits
from ..mail.addresses import mailbox
from ..web.guards import client_address

PER_PERSON = "10 per day"


def count(*, email: str | None, phone: str | None) -> None:
    """Count what is mailed about an appointment under this address, or else this number.

    Raises TooOften. Before anything is locked, so that two who count wait for each other here.
    """
    rate_limits.hit("book", client_address(), current_app.config["CLINIC"].booking_limit)
    rate_limits.hit("book for", mailbox(email) if email else phone, PER_PERSON)
