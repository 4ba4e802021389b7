"""What an address names and is not there any more: who would change it hears that on the list it belongs to."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from ..web.bodies import typed
from ..web.error_page import error_page
from ..web.guards import SAFE_METHODS

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
        return error_page(404)
    listed_at = gone.listed_at or url_for(LISTS.get(request.blueprint, ".index"))
    if texts := typed():
        return render_template("staff/gone.html", texts=texts, listed_at=listed_at), 404
    flash(REMOVED, "error")
    return redirect(listed_at, 303)
