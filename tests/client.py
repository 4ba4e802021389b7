"""A test client whose every HTML page goes through one checker, and whose requests are strangers to the test."""

import contextvars

from flask.testing import FlaskClient

from .page import check_page


class Client(FlaskClient):
    """Each request runs in a context of its own, as on a server: the test's session is not the view's."""

    check_pages = True

    def open(self, *args, **kwargs):
        kwargs.setdefault("buffered", True)  # a file that is sent is closed at once
        response = contextvars.Context().run(super().open, *args, **kwargs)
        if (
            self.check_pages
            and response.mimetype == "text/html"
            and "Content-Encoding" not in response.headers
            and response.status_code not in (301, 302, 303, 308)
        ):
            check_page(response.text, url=response.request.path)
        return response
