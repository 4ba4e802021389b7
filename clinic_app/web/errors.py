"""Error pages in the site's look. No exception's text reaches a visitor; the log has it."""

from flask import Flask, render_template

PAGES = (400, 403, 404, 405, 413, 429, 500)


def init_app(app: Flask) -> None:
    """Answer these errors with their templates."""
    for status in PAGES:
        app.register_error_handler(status, _page(status))


def _page(status: int):
    def handler(error):
        headers = {"Allow": ", ".join(error.valid_methods)} if status == 405 and error.valid_methods else {}
        return render_template(f"errors/{status}.html"), status, headers

    return handler
