"""Secret links: a patient's to one appointment, a practitioner's to their calendar feed.

The database keeps only a token's SHA-256, so that a copy of it opens nothing. An appointment's token is an HMAC of
its UID under the site's secret key, and of its email address where that was corrected, so every later mail can
write the same link again. After a change of that key old links still work until the next mail brings a new one.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode

from flask import current_app
from sqlalchemy import select

from .. import clock
from ..extensions import db
from ..keys.secret_key import token_hash
from ..paths import FEED_PATH, MANAGE_PATH
from .models import Appointment, Practitioner, new_uid
from .refusals import LinkNotFound


def give_first(appointment: Appointment) -> None:
    """Give a new appointment its UID and its link."""
    appointment.uid = new_uid()
    appointment.token_hash = token_hash(_token(appointment.uid))


def renew(appointment: Appointment) -> None:
    """Give it the link for its new email address; the one that it had opens nothing any more."""
    appointment.token_hash = token_hash(_renewed(appointment))


def token_of(appointment: Appointment) -> str:
    """The secret in the appointment's link: 32 characters, the same for as long as its email address stays."""
    first = _token(appointment.uid)
    return first if appointment.token_hash == token_hash(first) else _renewed(appointment)


def _renewed(appointment: Appointment) -> str:
    return _token(f"{appointment.uid}:{appointment.email_key or ''}")


def _token(of: str) -> str:
    key = current_app.config["SECRET_KEY"].encode()
    digest = hmac.digest(key, f"appointment:{of}".encode(), "sha256")
    return urlsafe_b64encode(digest[:24]).decode()


def manage_url(appointment: Appointment) -> str:
    """The whole address of the page on which the patient manages the appointment."""
    token = token_of(appointment)
    if appointment.token_hash != token_hash(token):  # the site's key has changed
        appointment.token_hash = token_hash(token)
    return f"{current_app.config['CLINIC'].public_url}{MANAGE_PATH}{token}"


def find(token: str) -> Appointment:
    """The appointment of this link, whatever has become of it. Raises LinkNotFound."""
    return _find(Appointment, Appointment.token_hash, token)


def new_feed_url(practitioner: Practitioner) -> str:
    """A new secret address for the practitioner's calendar feed; the old one stops working. Flushes.

    This is the only time that it can be seen.
    """
    token = secrets.token_urlsafe(24)
    practitioner.feed_token_hash = token_hash(token)
    db.session.flush()
    return f"{current_app.config['CLINIC'].public_url}{FEED_PATH}{token}.ics"


def end_feed(practitioner: Practitioner) -> bool:
    """Let the practitioner's calendar feed have no address: the one that there was stops working. Flushes.

    Tells whether there was one.
    """
    had_one = practitioner.feed_token_hash is not None
    practitioner.feed_token_hash = None
    db.session.flush()
    return had_one


def find_feed(token: str) -> Practitioner:
    """The practitioner whose feed has this secret, until they have left. Raises LinkNotFound."""
    found = _find(Practitioner, Practitioner.feed_token_hash, token)
    if not found.works_on(clock.today()):
        raise LinkNotFound
    return found


def _find(model, column, token: str):
    found = db.session.scalar(select(model).where(column == token_hash(token)))
    if found is None:
        raise LinkNotFound
    return found
