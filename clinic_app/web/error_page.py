"""The page that tells of an error: in the staff area, in words for staff and with what they had typed."""

from flask import request, session

from .. import templating
from ..paths import is_staffs
from .bodies import typed


def error_page(status: int, **context) -> tuple[str, int]:
    """The page and its status. `texts` are to be copied by whoever sent them; strangers get none back."""
    if not is_staffs(request.path):
        return templating.render_surely(f"errors/{status}.html", **context), status
    is_known = "_user_id" in session  # Flask-Login's: who has signed in, asked of no database
    context.setdefault("texts", typed() if is_known else [])
    return templating.render_surely(f"staff/errors/{status}.html", **context), status
