"""Can what patients wrote be read by the site, and by nobody else?"""

from ..keys import encryption, sealing
from .finding import Findings


def find() -> Findings:
    """Looks at the newest texts only."""
    found = Findings("Encryption")
    if trouble := sealing.trouble():
        return found.fail(trouble, "docs/privacy.md says how keys are kept and put back.")
    return found.ok(
        "Patients' words are encrypted where they are stored."
        if encryption.is_on()
        else "Off; `flask encrypt on` turns it on."
    )
