"""When the database or its disk cannot work for now: a page that says so (503), and gives back what was sent.

Nothing was saved then, so whoever wrote can send the same again. Pages that have a form of their own to show it
in, such as the contact form, do so before this is asked.
"""

import errno

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import DBAPIError, TimeoutError
from werkzeug.exceptions import HTTPException

from .. import database
from ..extensions import db
from .bodies import KEPT_BYTES, form_items, is_secret
from .error_page import error_page
from .guards import SAFE_METHODS

RETRY_AFTER = 30  # seconds, for programs
_NO_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}


def init_app(app: Flask) -> None:
    """Answer outages with their page; every other error stays what it is."""
    for kind in (DBAPIError, TimeoutError, OSError):
        app.register_error_handler(kind, answer)
    app.after_request(_say_until_when)


def is_outage(error: BaseException) -> bool:
    """Whether the same request may succeed later, as it is: where the database is damaged, once it is restored."""
    no_disk = isinstance(error, OSError) and error.errno in _NO_DISK
    return no_disk or database.is_out_of_service(error) or database.is_damaged(error)


def sent() -> list[tuple[str, str]]:
    """The fields of the form that was sent, to be sent again; none of one that signs in, or that is too large."""
    if request.method in SAFE_METHODS:
        return []
    try:
        fields = form_items(KEPT_BYTES)
    except HTTPException:
        return []
    return [] if any(is_secret(name) for name, _ in fields) else fields


def answer(error: Exception):
    """The page that says so and its status. Raises the error again where it is no outage."""
    if not is_outage(error):
        raise error
    db.session.rollback()
    current_app.logger.error("Out of service for now: %s", getattr(error, "orig", None) or error)
    return error_page(503, sent=sent())


def _say_until_when(response: Response) -> Response:
    if response.status_code == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER)
        response.headers["Cache-Control"] = "no-store"
    return response
