"""Is anybody there who may do everything?"""

from ..accounts import members
from .finding import Findings


def find() -> Findings:
    """Whether an owner can sign in: only owners invite others from the staff area."""
    found = Findings("Owner")
    if members.is_there_an_owner():
        return found.ok("There is one who can sign in.")
    return found.warn(
        "Nobody is an owner who can sign in.",
        "Run `flask setup`: it prints a link that makes the first one.",
    )
