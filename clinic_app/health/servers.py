"""Were all servers started with what is here?"""

from .. import servers
from .finding import Findings


def find() -> Findings:
    """Compares the settings and files here with those of each server that runs, this machine's among them."""
    found, here = Findings("Servers"), servers.digests()
    running = servers.here()
    for server in running:
        if not (differing := servers.differing(here, server.digests)):
            continue
        what = ", ".join(differing)
        if server.name == servers.name():
            found.warn(f"Changed since the server was started: {what}.", "Start it again.")
        else:
            found.warn(
                f"{server.name} differs from this server ({servers.name()}): {what}. What people see depends on "
                "which of them answers.",
                "Have the key, clinic.toml, templates/ and static/ alike on all of them, and start them again. "
                "One that was stopped for good is forgotten within an hour.",
            )
    if running and not found:
        found.ok("They run with the settings that are here.")
    return found
