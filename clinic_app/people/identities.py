"""By what a person is known: an email address or a phone number."""

from datetime import datetime
from typing import NamedTuple

from flask import current_app

from .. import phones
from ..keys import secret_key

EMAIL, PHONE = "email", "phone"
NAME = "name"  # beside them: of those who share an address or a number, who is meant
LONGEST = 320


class NotAnIdentity(Exception):
    """The text is neither an email address nor a phone number."""


class Identity(NamedTuple):
    """An email address in lower case, or a phone number as E.164."""

    kind: str
    value: str

    @property
    def shown(self) -> str:
        """As a person reads it."""
        return (
            self.value if self.kind == EMAIL else phones.dialled(self.value, current_app.config["CLINIC"].country)
        )


def parse(text: str) -> Identity:
    """What somebody typed or what a record holds; numbers are of the clinic's country unless they say another.

    Raises NotAnIdentity.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise NotAnIdentity
    if "@" in text:
        return Identity(EMAIL, _address(text).lower())
    if number := phones.parse(text, current_app.config["CLINIC"].country):
        return Identity(PHONE, number)
    raise NotAnIdentity


def digest(identity: Identity) -> str:
    """The same for the same person, and told by nobody without the site's key."""
    return secret_key.digest(f"person:{identity.kind}:{identity.value}")


def digest_of_record(name: str, record_id: int, made_at: datetime) -> str:
    """The same for the same record ("appointments", its id) in the site and its backups, whoever it is under."""
    return secret_key.digest(f"record:{name}:{record_id}:{made_at.isoformat()}")


def digest_of_mark(mark: str) -> str:
    """The same for what a testimonial is told by (`testimonials.privacy.marks_of`), whenever it comes again."""
    return secret_key.digest(f"testimonial:{mark}")


def number(identity: Identity) -> int:
    """The digest's first 31 bits: a number for the audit trail, where things have numbers."""
    return int(digest(identity)[:8], 16) >> 1


def values(identities, kind: str) -> set[str]:
    """The addresses, or the numbers, among them."""
    return {identity.value for identity in identities if identity.kind == kind}


def _address(text: str) -> str:
    """Written as forms keep it. What they would refuse may still be in an old record, so its shape is enough."""
    from email_validator import EmailNotValidError, validate_email  # slow to load, and no page needs it but these

    try:
        checked = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        before, _, after = text.rpartition("@")
        if not before or not after or any(c.isspace() for c in text):
            raise NotAnIdentity from None
        return text
    return checked.ascii_email or checked.normalized
