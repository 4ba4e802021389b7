"""Error pages in the site's look. No exception's text reaches a visitor; the log has it."""

import re
from contextlib import suppress
from urllib.parse import quote

from flask import Flask, current_app, redirect, request
from werkzeug.exceptions import HTTPException

from . import outages
from .bodies import form_items, is_secret
from .error_page import error_page

PAGES = (400, 403, 404, 405, 429)
# How much of a form that is too large is read, to give its long texts back.
GIVEN_BACK_BYTES = 1024 * 1024
LONG_TEXT = 200  # characters


def init_app(app: Flask) -> None:
    """Answer these errors with their templates."""
    for status in PAGES:
        app.register_error_handler(status, _page(status))
    app.register_error_handler(413, _too_large)
    app.register_error_handler(500, _fault)
    app.url_map.merge_slashes = False  # its redirect would name whatever host the request has named
    app.before_request(_lead_on_without_more_slashes)


def _lead_on_without_more_slashes():
    """`/contact/` and `//contact` lead to `/contact`: old sites and people write it so."""
    path = re.sub("/{2,}", "/", request.path).rstrip("/")
    if request.url_rule is None and path and path != request.path and request.method in ("GET", "HEAD"):
        with suppress(HTTPException):
            current_app.create_url_adapter(request).match(path)
            query = request.query_string.decode("ascii", "replace")
            return redirect(quote(path) + (f"?{query}" if query else ""), 308)
    return None


def _page(status: int):
    def handler(error):
        headers = {"Allow": ", ".join(error.valid_methods)} if status == 405 and error.valid_methods else {}
        return *error_page(status), headers

    return handler


def _fault(error):
    """Whatever fails behind a view, such as a sign-in's commit, comes here first: an outage is told as one."""
    if outages.is_outage(error.original_exception):
        return outages.answer(error.original_exception)
    return error_page(500)


def _too_large(_error):
    """What somebody wrote is on the page, to be copied and shortened; files are not."""
    try:
        sent = form_items(GIVEN_BACK_BYTES)
        texts = [text for name, text in sent if len(text) > LONG_TEXT and not is_secret(name)]
    except HTTPException:  # far too large, or no form
        texts = []
    return error_page(413, texts=texts)
