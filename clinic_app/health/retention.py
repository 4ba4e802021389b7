"""Does what has had its time go, where somebody decided that it should?"""

from datetime import timedelta

from flask import current_app

from .. import clock
from ..retention import purging
from .finding import Findings

LATE_BY = timedelta(hours=6)


def find() -> Findings:
    """The last purge's age; a setting that is off is somebody's decision."""
    found = Findings("Purge")
    if current_app.config["CLINIC"].purge == "off":
        return found.ok("Off; `flask purge` shows what has had its time and removes nothing until told to.")
    last = purging.last()
    if last is None:
        return found.warn("There has not been one yet.", "It begins by itself while the site runs.")
    told = f"The last began {clock.format_when(last.started_at)}."
    if last.started_at <= clock.now() - purging.EVERY - LATE_BY:
        return found.warn(told, "It is late: see that the site runs, and what its log says of the purge.")
    return found.ok(told)
