"""Public pages, kept as ready bytes: rendered and compressed once for each version of their content.

A view says that its page may be kept (`public.keeping`), and until when what it tells is true (`holds_until`).
`PageCache` stands before the application. A page that is there is sent after one look at the version of the
content (`content_version`), and only if it is the one that it was made from. Each process keeps its own pages.

A page that depends on who asks (a cookie, a form's token, an address) must not be kept.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from threading import Lock
from urllib.parse import parse_qsl, urlencode

from cachetools import LRUCache
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from .. import clock, content_version
from ..config import Settings
from ..content_version import Version
from .kept_page import Header, KeptPage, Made
from .requests import ROUTE
from .turns import Turns

ROOM = 32 * 1024 * 1024  # bytes of pages that a process keeps at most
MADE = "clinic.page_made"
# What advertisers and newsletters put behind addresses, for scripts of theirs that no page of ours has.
_TRACKING = re.compile(r"utm_\w+|\w*clid|mc_[ce]id")


def begun() -> Made | None:
    """What to note about the page of this request, where it may be kept."""
    return request.environ.get(MADE)


def holds_until(instant: datetime | None) -> None:
    """What this request's page tells is true up to this instant at the latest, be it kept or not."""
    if request and (made := begun()):
        made.holds_until(instant)


def keeps(response: Response) -> bool:
    """Whether the cache sends this response, and compresses it."""
    return MADE in request.environ and response.status_code == 200


class PageCache:
    """WSGI middleware: sends pages that are kept, and keeps those that views let it.

    Where many ask for a page that is not there yet, or no longer right, one of them makes it (`Turns`). The
    version is looked up anew as that turn begins, so all may have the page who had asked by then. Who asked later,
    and saw the version then, may have it only if it is made from that very version.
    """

    def __init__(self, wsgi_app, app: Flask):
        self._wsgi_app = wsgi_app
        self._app = app
        self._watch = app.extensions["content_version"]
        self._pages: LRUCache = LRUCache(ROOM, getsizeof=lambda page: page.size)
        self._lock = Lock()
        self._turns: Turns[KeptPage] = Turns()

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._wsgi_app(environ, start_response)
        environ["QUERY_STRING"] = _meant(environ.get("QUERY_STRING", ""))
        address = _address(environ)
        if address not in self._pages and not self._may_be_kept(environ):
            return self._wsgi_app(environ, start_response)
        page, version = self._ready(address)
        if page:
            return _sent(page, environ, start_response)
        asked = _Asked(self._wsgi_app, environ)
        make, suits = partial(self._made, address, asked), partial(self._holds, version=version)
        page = self._turns.ask(address, make, suits) if version else make()
        return _sent(page, environ, start_response) if page else asked.send(start_response)

    def _may_be_kept(self, environ) -> bool:
        """Whether its view says which arguments its pages take (`takes`), and no more is asked for than these."""
        try:
            rule, _ = self._app.url_map.bind_to_environ(environ).match(return_rule=True)
        except HTTPException:
            return False
        takes = getattr(self._app.view_functions[rule.endpoint], "takes", None)
        asked = [name for name, _ in parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)]
        return takes is not None and len(asked) <= len(takes) and set(asked) <= set(takes) and not self._app.debug

    def _ready(self, address) -> tuple[KeptPage | None, Version | None]:
        """The page, where it is there and right; and the version of the content now."""
        with self._lock:
            page = self._pages.get(address)
        version = self._watch.look()
        return page if page and self._holds(page, version=version) else None, version

    def _holds(self, page: KeptPage, *, version: Version | None) -> bool:
        return page.holds(version, self._app.config["CLINIC"], clock.now())

    def _made(self, address, asked: "_Asked") -> KeptPage | None:
        """The page as it is now: made, unless another one's turn came first; None where nothing may be kept."""
        page, version = self._ready(address)
        if page:
            return page
        page = asked.page(version, self._app.config["CLINIC"])
        if page and page.size <= self._pages.maxsize:
            with self._lock:
                self._pages[address] = page
        return page


class _Asked:
    """The application's own answer to a request, of which nothing is sent yet."""

    def __init__(self, wsgi_app, environ):
        self._wsgi_app = wsgi_app
        self._environ = environ

    def page(self, version: Version | None, settings: Settings) -> KeptPage | None:
        """The answer as a page of this version, where it is one that may be kept."""
        environ = self._environ
        environ[content_version.LOOKED] = version
        if version:
            environ[MADE] = Made(version, settings, at=clock.now())
        self._parts = self._wsgi_app(environ, self._start)
        status, headers, *_ = self._head
        if MADE not in environ or not status.startswith("200 ") or not _is_for_all(headers):
            return None
        if hasattr(self._parts, "close"):
            self._parts.close()
        return KeptPage(environ[MADE], environ[ROUTE], headers)

    def send(self, start_response) -> Iterable[bytes]:
        """The answer, which is nobody else's."""
        start_response(*self._head)
        return self._parts

    def _start(self, *head):
        self._head = head
        return lambda _: None  # PEP 3333's way to write without an answer's body, which Flask never uses


def _sent(page: KeptPage, environ, start_response) -> list[bytes]:
    environ[ROUTE] = page.route
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
