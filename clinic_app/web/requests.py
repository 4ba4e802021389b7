"""Each request has a number: in the log, in the answer's header, and on the page that tells of a fault."""

import logging
import re
import secrets
from collections.abc import Iterable, Iterator
from time import perf_counter

from flask import Flask, Response, current_app, g, request

from ..logs import REQUEST_ID, request_facts

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_log = logging.getLogger("clinic_app.requests")


class RequestIds:
    """WSGI middleware: takes the number that a trusted proxy gives, or makes one; the answer carries it."""

    def __init__(self, app, *, trusted: bool):
        self.app = app
        self.trusted = trusted

    def __call__(self, environ, start_response):
        given = environ.get("HTTP_X_REQUEST_ID", "") if self.trusted else ""
        number = environ[REQUEST_ID] = given if SANE.fullmatch(given) else secrets.token_hex(8)

        def start(status, headers, exc_info=None):
            return start_response(status, [*headers, (HEADER, number)], exc_info)

        return self.app(environ, start)


def init_app(app: Flask) -> None:
    """Number requests, and write each down where the setting `log_requests` says so."""
    app.wsgi_app = RequestIds(app.wsgi_app, trusted=app.config["CLINIC"].trusted_proxies > 0)
    app.before_request(_begin)
    app.after_request(_write_down)
    app.after_request(_watch)
    app.jinja_env.globals["request_reference"] = lambda: request_facts().get("request_id", "")


class AnswerBrokenOff(Exception):
    """An answer ended before its end, for a reason that is in the log; the server has no words of it to tell."""


def watched(parts: Iterable[bytes], facts: dict) -> Iterator[bytes]:
    """The parts of an answer that is made while it is sent; its fault is ours to log. Raises AnswerBrokenOff."""
    try:
        yield from parts
    except Exception:
        _log.exception("An answer broke off", extra={"facts": facts})
        raise AnswerBrokenOff from None


def _watch(response: Response) -> Response:
    if response.is_streamed and not response.direct_passthrough:
        response.response = watched(response.response, request_facts())
    return response


def _begin() -> None:
    g.began = perf_counter()


def _write_down(response: Response) -> Response:
    if current_app.config["CLINIC"].log_requests == "on" and request.endpoint != "pages.healthz":
        took = round((perf_counter() - g.get("began", perf_counter())) * 1000)
        facts = {"status": response.status_code, "milliseconds": took}
        _log.info("Answered %d in %d ms", response.status_code, took, extra={"facts": facts})
    return response
