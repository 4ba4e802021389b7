"""Are the settings the clinic's own?"""

import os

from flask import current_app

from .. import config
from .finding import Findings

EXAMPLES = ("name", "phone", "email", "street", "suburb", "postcode")
AUSTRALIAN = ("state", "timezone", "emergency_number")  # as many a clinic's there, and no other's
# States whose clocks are not Sydney's. The setting takes their names, too.
NOT_SYDNEYS = {"QLD", "SA", "NT", "WA", "Queensland", "South Australia", "Northern Territory", "Western Australia"}


def find() -> Findings:
    """Wrong settings stop the start, so those that are here are right; whether they are the clinic's is asked."""
    found = Findings("Settings")
    settings = current_app.config["CLINIC"]
    if same := still_examples():
        found.warn(f"These are still the example's: {', '.join(same)}.", "Set them in instance/clinic.toml.")
    if settings.rate_limits == "off":
        found.warn("Rate limits are off.", 'Set rate_limits = "on": it is "off" for load tests only.')
    if settings.staff_second_factor == "optional":
        found.warn(
            "Staff may sign in by a password alone.",
            'Set staff_second_factor = "required" once everybody has an app or a passkey.',
        )
    if os.environ.get("FLASK_DEBUG", "0") not in ("", "0"):
        found.fail("Debug mode is on: errors show the program to visitors.", "Take FLASK_DEBUG out.")
    return found or found.ok("Read, checked, and the clinic's own.")


def still_examples() -> list[str]:
    """The keys by which pages still tell of a clinic that is made up. One that says it is called so, is."""
    settings, defaults = current_app.config["CLINIC"], config.defaults()
    keys = EXAMPLES
    if settings.country != "AU":
        keys += AUSTRALIAN
    elif settings.state in NOT_SYDNEYS:
        keys += ("timezone",)
    return [key for key in keys if getattr(settings, key) == defaults[key] and key not in settings.given]
