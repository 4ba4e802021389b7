"""Each request has a number: in the log, in the answer's header, and on the page that tells of a fault."""

import logging
import re
import secrets
from collections.abc import Iterable, Iterator
from time import perf_counter

from flask import Flask, Response, request, request_started

from ..logs import REQUEST_ID, request_facts

HEADER = "X-Request-ID"
ROUTE = "clinic.route"  # in a request's environ, once it is known: the pattern of its address
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_log = logging.getLogger("clinic_app.requests")


class RequestIds:
    """WSGI middleware: takes the number that a trusted proxy gives, or makes one; the answer carries it.

    Writes each request down where the setting `log_requests` says so, also one that a kept page answers.
    """

    def __init__(self, wsgi_app, app: Flask):
        self.app = wsgi_app
        self._config = app.config

    def __call__(self, environ, start_response):
        began = perf_counter()
        settings = self._config["CLINIC"]
        given = environ.get("HTTP_X_REQUEST_ID", "") if settings.trusted_proxies else ""
        number = environ[REQUEST_ID] = given if SANE.fullmatch(given) else secrets.token_hex(8)

        def start(status, headers, exc_info=None):
            if settings.log_requests == "on":
                _write_down(environ, int(status[:3]), round((perf_counter() - began) * 1000))
            return start_response(status, [*headers, (HEADER, number)], exc_info)

        return self.app(environ, start)


def init_app(app: Flask) -> None:
    """Number requests."""
    app.wsgi_app = RequestIds(app.wsgi_app, app)
    request_started.connect(_tell_route, app)
    app.after_request(_watch)
    app.jinja_env.globals["request_reference"] = lambda: request_facts().get("request_id", "")


def _tell_route(_app, **_) -> None:
    request.environ[ROUTE] = request_facts()["route"]


class AnswerBrokenOff(Exception):
    """An answer ended before its end, for a reason that is in the log; the server has no words of it to tell."""


def watched(parts: Iterable[bytes], facts: dict) -> Iterator[bytes]:
    """The parts of an answer that is made while it is sent. Logs a fault in between and raises AnswerBrokenOff."""
    try:
        yield from parts
    except Exception:
        _log.exception("An answer broke off", extra={"facts": facts})
        raise AnswerBrokenOff from None


def _watch(response: Response) -> Response:
    if response.is_streamed and not response.direct_passthrough:
        response.response = watched(response.response, request_facts())
    return response


def _write_down(environ, status: int, took: int) -> None:
    """Static files, which have no route, and what machines ask all the time are not written down."""
    route = environ.get(ROUTE, "/healthz")
    if route != "/healthz":
        facts = {"request_id": environ[REQUEST_ID], "method": environ["REQUEST_METHOD"], "route": route}
        facts |= {"status": status, "milliseconds": took}
        _log.info("Answered %d in %d ms", status, took, extra={"facts": facts})
