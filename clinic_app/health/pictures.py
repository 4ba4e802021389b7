"""Are the pictures that staff have uploaded on this server?"""

from socket import gethostname

from ..pictures import library, media
from .finding import Findings

LOOKED_AT = 200  # the newest


def find() -> Findings:
    """Whether the newest ones' files are there: of several servers, one may lack the folder that they share."""
    found = Findings("Pictures")
    newest = library.latest(LOOKED_AT)
    if missing := [picture for picture in newest if not (media.folder() / picture.name).exists()]:
        return found.fail(
            f"{len(missing)} of the last {len(newest)} are not in {media.folder()} on {gethostname()}: gaps are "
            "seen in their places.",
            "Mount the folder here that all servers share; or restore a backup that has them.",
        )
    return found.ok("Those that were uploaded last are there." if newest else "None were uploaded yet.")
