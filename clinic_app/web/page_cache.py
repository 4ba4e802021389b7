"""Public pages, kept as ready bytes: rendered and compressed once for each version of their content.

A view says that its page may be kept (`public.keeping`), and until when what it tells is true (`holds_until`).
`PageCache` stands before the application. A page that is there is sent after one look at the version of the
content (`content_version`), and only if it is the one that it was made from. Each process keeps its own pages.

A page that depends on who asks (a cookie, a form's token) must not be kept. Which address is the page's true one,
`kept_address` knows.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from threading import Lock

from cachetools import LRUCache
from flask import Flask, Response, request

from .. import clock, content_version
from ..config import Settings
from ..content_version import Version
from . import kept_address
from .kept_address import Address
from .kept_page import Header, KeptPage, Made
from .requests import ROUTE
from .turns import Turns

ROOM = 32 * 1024 * 1024  # bytes of pages that a process keeps at most
MADE = "clinic.page_made"


def begun() -> Made | None:
    """What to note about the page of this request, where it may be kept."""
    return request.environ.get(MADE)


def holds_until(instant: datetime | None) -> None:
    """What this request's page tells is true up to this instant at the latest, be it kept or not."""
    if request and (made := begun()):
        made.holds_until(instant)


def do_not_keep() -> None:
    """This request's page is for nobody but who asked, be its view one whose pages are kept."""
    if request and (made := begun()):
        made.is_passing()


def keeps(response: Response) -> bool:
    """Whether the cache sends this response, and compresses it."""
    return _is_lasting(request.environ, response.status_code)


class PageCache:
    """WSGI middleware: sends pages that are kept, and keeps those that views let it.

    Where many ask for a page that is not there yet, or no longer right, one of them makes it (`Turns`), from the
    version that it looks up as its turn begins. All who had asked by then may have the page. Who asked later may
    have it only if it is made from the version that they saw.
    """

    def __init__(self, wsgi_app, app: Flask):
        self._wsgi_app = wsgi_app
        self._app = app
        self._watch = app.extensions["content_version"]
        self._pages: LRUCache = LRUCache(ROOM, getsizeof=lambda page: page.size)
        self._lock = Lock()
        self._turns: Turns[KeptPage] = Turns()

    def __call__(self, environ, start_response):
        address = self._address(environ) if environ["REQUEST_METHOD"] in ("GET", "HEAD") else None
        if address is None:
            return self._wsgi_app(environ, start_response)
        page, version = self._ready(address)
        if page:
            return _sent(page, environ, start_response)
        asked = _Asked(self._wsgi_app, environ, address)
        make, suits = partial(self._made, address, asked), partial(self._holds, version=version)
        page = self._turns.ask(address, make, suits) if version else make()
        return _sent(page, environ, start_response) if page else asked.send(start_response)

    def _address(self, environ) -> Address | None:
        """Where the page is kept that is asked for. Its route, which takes longer, is sought only if need be."""
        asked = kept_address.as_asked(environ)
        if asked in self._pages:
            return asked
        return None if self._app.debug else kept_address.true_one(environ, self._app)

    def _ready(self, address: Address) -> tuple[KeptPage | None, Version | None]:
        """The page, where it is there and right; and the version of the content now."""
        with self._lock:
            page = self._pages.get(address)
        version = self._watch.look()
        return page if page and self._holds(page, version=version) else None, version

    def _holds(self, page: KeptPage, *, version: Version | None) -> bool:
        return page.holds(version, self._app.config["CLINIC"], clock.now())

    def _made(self, address: Address, asked: "_Asked") -> KeptPage | None:
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
    """The application's own answer to a request for the page of an address, of which nothing is sent yet."""

    def __init__(self, wsgi_app, environ, address: Address):
        self._wsgi_app = wsgi_app
        self._environ = environ
        self._address = address

    def page(self, version: Version | None, settings: Settings) -> KeptPage | None:
        """The answer as a page of this version, where it is one that may be kept."""
        environ = self._environ
        kept_address.put(self._address, environ, settings.public_url)
        environ[content_version.LOOKED] = version
        if version:
            environ[MADE] = Made(self._address, version, settings, at=clock.now())
        self._parts = self._wsgi_app(environ, self._start)
        status, headers, *_ = self._head
        if not _is_lasting(environ, int(status[:3])) or not _is_for_all(headers):
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


def _is_lasting(environ, status: int) -> bool:
    """Whether it is a whole page, and for anybody but who asked."""
    return MADE in environ and status == 200 and environ[MADE].is_lasting


def _is_for_all(headers: Iterable[Header]) -> bool:
    """Whether the answer may go to anybody: nothing but the address decided on it, no cookie was read or set."""
    return not any(
        name.lower() in ("set-cookie", "vary") or (name.lower() == "cache-control" and "no-store" in value)
        for name, value in headers
    )


def init_app(app: Flask) -> None:
    """Stand before the application."""
    app.wsgi_app = PageCache(app.wsgi_app, app)
