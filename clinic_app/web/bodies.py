"""What is sent is read to its end, even where it is too much: else browsers see a broken connection, not the page.

Refusing a body unread makes the server close the connection while the browser still sends, and the answer is lost.
"""

from contextlib import suppress

from flask import request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

LARGEST_READ = 64 * 1024 * 1024  # bytes; whoever sends more gets a broken connection
PIECE = 64 * 1024
# How much of what was sent is read to be given back: the longest post there can be, but no large picture.
KEPT_BYTES = 2 * 1024 * 1024
# Words in names of fields whose text is never written into a page.
SECRETS = ("password", "code", "credential")


def form_items(most: int) -> list[tuple[str, str]]:
    """All fields of the form that was sent, to be given back.

    Raises RequestEntityTooLarge for more than `most` bytes, or more fields than any form has.
    """
    request.max_content_length = request.max_form_memory_size = most
    items = list(request.form.items(multi=True))
    if len(items) > request.max_form_parts:
        raise RequestEntityTooLarge
    return items


def typed() -> list[str]:
    """The texts of several words that were sent: what somebody has typed, and would miss."""
    try:
        sent = form_items(KEPT_BYTES)
    except (HTTPException, OSError):  # too large, or no form; nowhere to put its files
        return []
    return [text for name, text in sent if len(text.split()) > 1 and not is_secret(name)]


def is_secret(name: str) -> bool:
    """Whether the text of the field is never given back."""
    return any(secret in name for secret in SECRETS)


class Counted:
    """A request's body, and how many bytes of it have been read."""

    def __init__(self, stream):
        self.stream = stream
        self.count = 0

    def read(self, *args) -> bytes:
        return self._seen(self.stream.read(*args))

    def readline(self, *args) -> bytes:
        return self._seen(self.stream.readline(*args))

    def __iter__(self):
        return iter(self.readline, b"")

    def _seen(self, data: bytes) -> bytes:
        self.count += len(data)
        return data


class ReadToTheEnd:
    """WSGI middleware: reads what the application has left of a body before the answer goes out."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        length = _length(environ)
        if not 0 < length <= LARGEST_READ:
            return self.app(environ, start_response)
        body = environ["wsgi.input"] = Counted(environ["wsgi.input"])
        answer = self.app(environ, start_response)
        with suppress(OSError):  # nobody is there any more
            while body.count < length and body.read(min(PIECE, length - body.count)):
                pass
        return answer


def _length(environ) -> int:
    text = environ.get("CONTENT_LENGTH", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0
