"""The mark of the secret key that the site runs with, kept in its database, so that another key is noticed."""

from datetime import timedelta

from .. import clock, site_marks
from . import belongings

KNOWN, OTHER = "secret key", "another secret key"
GIVEN_UP_AFTER = timedelta(days=30)  # an old key that was not put back by then will not be


def is_here() -> bool:
    """Whether this server has the key that the site has run with, or the site knows of none yet."""
    known = site_marks.find(KNOWN)
    return known is None or known.value == belongings.key_mark()


def remember() -> None:
    """Know the key of a site that starts; one that differs, once the site has run with it for long. Flushes."""
    here, other = belongings.key_mark(), site_marks.find(OTHER)
    is_new = other is not None and other.value == here and other.kept_at <= clock.now() - GIVEN_UP_AFTER
    if is_here() or is_new:
        site_marks.keep(KNOWN, here)
        site_marks.forget(OTHER)
    else:
        site_marks.keep(OTHER, here)
