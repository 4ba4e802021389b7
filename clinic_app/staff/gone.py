"""What an address names and is not there any more: who would change it hears that on the list it belongs to."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException, NotFound

from .. import templating
from ..web.bodies import form_items
from ..web.guards import SAFE_METHODS
from ..web.outages import KEPT_BYTES

REMOVED = "That was removed meanwhile."
LISTS = {"staff.appointments": "staff.calendar.index"}  # of areas whose things another area lists


class Gone(NotFound):
    """It is not there, never was, or is not for this member: nobody learns which.

    `listed_at` is the address of the list that would have it; None for that of the area.
    """

    def __init__(self, listed_at: str | None = None):
        super().__init__()
        self.listed_at = listed_at


def answer(gone: Gone):
    """Lead a change to the list; where somebody has typed a text, show it first, to be copied."""
    if request.method in SAFE_METHODS:
        return templating.render_surely("staff/not_found.html"), 404
    listed_at = gone.listed_at or url_for(LISTS.get(request.blueprint, ".index"))
    if texts := _typed():
        return render_template("staff/gone.html", texts=texts, listed_at=listed_at), 404
    flash(REMOVED, "error")
    return redirect(listed_at, 303)


def _typed() -> list[str]:
    """What was sent and has several words: what somebody would miss, and nothing that a page sends by itself."""
    try:
        sent = form_items(KEPT_BYTES)
    except HTTPException:  # too large, or no form
        return []
    return [text for name, text in sent if len(text.split()) > 1 and "password" not in name]
