"""New passwords: what one must be, and what is kept of it."""

from flask_security import hash_password
from flask_security.proxies import _security
from wtforms import PasswordField
from wtforms.validators import StopValidation

SHORTEST, LONGEST = 12, 128  # NIST SP 800-63B, 3.1.1: length is what counts
HINT = f"{SHORTEST} characters or more. A few words in a row are easy to remember."


class NewPassword:
    """Refuses what is no password to set; the field's value becomes the normalised one (RFC 8265)."""

    field_flags = {"required": True}

    def __call__(self, form, field):
        if not field.data:
            raise StopValidation("Enter a new password")
        faults, field.data = _security.password_util.validate(field.data, True)
        if faults:
            raise StopValidation(faults[0])


def new_password_field(label: str = "New password") -> PasswordField:
    """A field that takes a new password; `hash_of` makes of it what is kept."""
    return PasswordField(label, [NewPassword()], description=HINT, render_kw={"autocomplete": "new-password"})


def hash_of(password: str) -> str:
    """The password's argon2 hash. Takes a while, on purpose: not inside a transaction."""
    return hash_password(password)
