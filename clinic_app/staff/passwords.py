"""New passwords: what one must be, and what is kept of it."""

from flask_security import hash_password
from flask_security.proxies import _security
from wtforms import PasswordField
from wtforms.validators import StopValidation

SHORTEST, LONGEST = 12, 128  # NIST SP 800-63B, 3.1.1: length is what counts
# A hash with the settings of today, to have something to check where nobody has the address.
OF_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$SomJBMVl0X+P9+abDomobg$rCVCMAqkUvVCWlaap0e1zsnSRFnZqaNeUhjktmWQZPM"
HINT = f"{SHORTEST} characters or more. A few words in a row are easy to remember."


class NewPassword:
    """Refuses what is no password to set; the field's value becomes the normalised one (RFC 8265)."""

    field_flags = {"required": True}

    def __call__(self, form, field):
        if not field.data:
            raise StopValidation("Enter a password")
        faults, field.data = _security.password_util.validate(field.data, True)
        if faults:
            raise StopValidation(faults[0])


def new_password_field() -> PasswordField:
    """A field that takes a new password; `hash_of` makes of it what is kept."""
    return PasswordField("Password", [NewPassword()], description=HINT, render_kw={"autocomplete": "new-password"})


def check(password: str, kept: str | None) -> tuple[bool, str | None]:
    """(whether it is the password of which `kept` is the hash, a better hash to keep from now on).

    Takes as long where nothing is kept; of what is too long only the start is hashed. Takes a while, on
    purpose: not inside a writing transaction.
    """
    normal = _security.password_util.normalize(password)
    right, better = _security.pwd_context.verify_and_update(normal[:LONGEST], kept or OF_NOBODY)
    return bool(right and kept and len(normal) <= LONGEST), better


def hash_of(password: str) -> str:
    """The password's argon2 hash. Takes a while, on purpose: not inside a writing transaction."""
    return hash_password(password)
