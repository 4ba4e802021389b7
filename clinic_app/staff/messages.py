"""Flask-Security's messages in our own words."""

from .passwords import LONGEST, SHORTEST

MESSAGES = {
    "PASSWORD_INVALID_LENGTH": f"Choose a password of {SHORTEST} to {LONGEST} characters",
}
