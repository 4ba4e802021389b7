"""Error pages in the site's look. No exception's text reaches a visitor; the log has it."""

from contextlib import suppress
from urllib.parse import quote

from flask import Flask, current_app, redirect, render_template, request
from werkzeug.exceptions import HTTPException

PAGES = (400, 403, 404, 405, 413, 429, 500)


def init_app(app: Flask) -> None:
    """Answer these errors with their templates."""
    for status in PAGES:
        app.register_error_handler(status, _page(status))
    app.before_request(_lead_on_without_last_slash)


def _lead_on_without_last_slash():
    """`/contact/` leads to `/contact`: old sites and people write it so."""
    path = request.path.rstrip("/")
    if request.url_rule is None and path and path != request.path and request.method in ("GET", "HEAD"):
        with suppress(HTTPException):
            current_app.create_url_adapter(request).match(path)
            query = request.query_string.decode("ascii", "replace")
            return redirect(quote("/" + path.lstrip("/")) + (f"?{query}" if query else ""), 308)
    return None


def _page(status: int):
    def handler(error):
        headers = {"Allow": ", ".join(error.valid_methods)} if status == 405 and error.valid_methods else {}
        return render_template(f"errors/{status}.html"), status, headers

    return handler
