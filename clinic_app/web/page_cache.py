"""Public pages, kept as ready bytes: rendered and compressed once for each version of their content.

A view says that its page may be kept (`begin`), and until when what it tells is true (`holds_until`).
`PageCache` stands before the application. A page that is there is sent after one look at the version of the
content (`content_version`), and only if it is the one that it was made from. Each process keeps its own pages.

A page that depends on who asks (a cookie, a form's token, an address) must not be kept.
"""

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from threading import Lock
from urllib.parse import parse_qsl, urlencode

from cachetools import LRUCache
from flask import Flask, Response, current_app, request

from .. import clock, content_version
from .kept_page import Header, KeptPage, Made
from .requests import ROUTE

ROOM = 32 * 1024 * 1024  # bytes of pages that a process keeps at most
MADE = "clinic.page_made"
# What advertisers and newsletters put behind addresses, for scripts of theirs that no page of ours has.
_TRACKING = re.compile(r"utm_\w+|\w*clid|mc_[ce]id")


def begin(*, takes: Collection[str] = ()) -> Made | None:
    """Let the page of this request be kept, if no more is asked for than the arguments that it `takes`.

    To be said before anything is read from the database. Gives what to note about the page; None where it will
    not be kept.
    """
    environ = request.environ
    asked = [name for name, _ in request.args.items(multi=True)]
    if current_app.debug or len(asked) > len(takes) or not set(asked) <= set(takes):
        return None
    if version := content_version.of_request():
        environ[MADE] = Made(version, current_app.config["CLINIC"], route=environ[ROUTE], at=clock.now())
    return environ.get(MADE)


def holds_until(instant: datetime | None) -> None:
    """What this request's page tells is true up to this instant at the latest, be it kept or not."""
    if request and (made := request.environ.get(MADE)):
        made.holds_until(instant)


def keeps(response: Response) -> bool:
    """Whether the cache sends this response, and compresses it."""
    return MADE in request.environ and response.status_code == 200


class PageCache:
    """WSGI middleware: sends pages that are kept, and keeps those that views let it."""

    def __init__(self, wsgi_app, app: Flask):
        self._wsgi_app = wsgi_app
        self._config = app.config
        self._watch = app.extensions["content_version"]
        self._pages: LRUCache = LRUCache(ROOM, getsizeof=lambda page: page.size)
        self._lock = Lock()

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._wsgi_app(environ, start_response)
        environ["QUERY_STRING"] = _meant(environ.get("QUERY_STRING", ""))
        address = _address(environ)
        with self._lock:
            page = self._pages.get(address)
        if page is None:
            return self._asked(address, environ, start_response)
        version, now = self._watch.look(), clock.now()
        if page.holds(version, self._config["CLINIC"], now):
            environ[ROUTE] = page.made.route
            return page.answer(environ, start_response, now)
        environ[content_version.LOOKED] = version
        return self._asked(address, environ, start_response)

    def _asked(self, address, environ, start_response):
        """The application's own answer; kept, where it is one that may be."""
        captured = []

        def start(status, headers, exc_info=None):
            if MADE in environ and status.startswith("200 ") and _is_for_all(headers):
                captured.append(headers)
                return lambda _: None  # PEP 3333's way to write without an answer's body, which Flask never uses
            return start_response(status, headers, exc_info)

        sent = self._wsgi_app(environ, start)
        if not captured:
            return sent
        if hasattr(sent, "close"):
            sent.close()
        page = KeptPage(environ[MADE], captured[0])
        if page.size <= self._pages.maxsize:
            with self._lock:
                self._pages[address] = page
        return page.answer(environ, start_response, clock.now())


def _address(environ) -> tuple[str, ...]:
    """What tells one page from another: where it is, and what it is asked for.

    The scheme and host are part of it: headers differ behind TLS, and a page may name its own host.
    """
    site = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", ""), environ.get("SCRIPT_NAME", "")
    return *site, environ.get("PATH_INFO", ""), environ["QUERY_STRING"]


def _meant(query: str) -> str:
    """The query without arguments that mean nothing to this site: no page may depend on them, or repeat them."""
    told = parse_qsl(query, keep_blank_values=True) if query else []
    meant = [(name, text) for name, text in told if not _TRACKING.fullmatch(name)]
    return query if len(meant) == len(told) else urlencode(meant)


def _is_for_all(headers: Iterable[Header]) -> bool:
    """Whether the answer may go to anybody: nothing but the address decided on it, no cookie was read or set."""
    return not any(
        name.lower() in ("set-cookie", "vary") or (name.lower() == "cache-control" and "no-store" in value)
        for name, value in headers
    )


def init_app(app: Flask) -> None:
    """Stand before the application."""
    app.wsgi_app = PageCache(app.wsgi_app, app)
