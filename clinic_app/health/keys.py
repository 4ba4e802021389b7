"""Is the secret key the one that the site has run with?"""

from ..recovery import known_key
from .finding import Findings


def find() -> Findings:
    """A key that was lost, or that only another server has, makes itself felt late: told before."""
    found = Findings("Secret key")
    if known_key.is_here():
        return found.ok("The one that the site has run with.")
    return found.fail(
        "It is not the one that the site has run with. With this one second factors fail, links in emails already "
        "sent do not work, and nobody is recognised who was erased.",
        "Put the old instance/secret_key or CLINIC_SECRET_KEY back, the same on every server, and start the site "
        "again; encrypted backups hold it. If it is lost for good, "
        "`flask staff reset-second-factor EMAIL` helps people in; this is told until the site has run "
        f"for {known_key.GIVEN_UP_AFTER.days} days without it.",
    )
