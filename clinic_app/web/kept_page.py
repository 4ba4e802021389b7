"""A page as ready bytes: what is sent of it, to whom and until when."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

import brotli
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, parse_etags

from ..config import Settings
from ..content_version import Version
from .kept_address import Address

Header = tuple[str, str]

BROTLI_QUALITY = 5  # the best takes twenty times as long to save an eighth
# Headers that are made anew for each form of a page; `Vary` names all that the forms are told apart by.
OWN_HEADERS = {"content-length", "cache-control", "etag", "vary"}
# What RFC 9110 (15.4.5) asks a 304 to repeat.
OF_NOT_MODIFIED = {"cache-control", "etag", "vary"}


@dataclass
class Made:
    """What a page was made from: the version of its content, its settings, and the time in which it is true.

    It holds from the instant `at` up to, not including, `until`.
    """

    address: Address
    version: Version
    settings: Settings
    at: datetime
    until: datetime = datetime.max.replace(tzinfo=UTC)
    body: bytes = b""

    @property
    def is_lasting(self) -> bool:
        """Whether it is for anybody but who asked."""
        return self.at < self.until

    def holds_until(self, instant: datetime | None) -> None:
        """What the page tells is true up to this instant at the latest (None: for ever), if nobody changes it."""
        self.until = min(self.until, instant or self.until)

    def is_passing(self) -> None:
        """It is for nobody but who asked."""
        self.until = self.at


class Form(NamedTuple):
    """The page in one coding, with the headers of a 200 and of a 304, less `Cache-Control`."""

    body: bytes
    etag: str
    headers: list[Header]
    not_modified: list[Header]


class KeptPage:
    """A page in the codings that browsers take. `route` is the pattern of its address."""

    def __init__(self, made: Made, route: str, headers: Iterable[Header]):
        self.made = made
        self.route = route
        kept = [(name, value) for name, value in headers if name.lower() not in OWN_HEADERS]
        self._forms = {coding: _form(kept, body, coding) for coding, body in _coded(made.body)}

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return sum(len(form.body) for form in self._forms.values()) + sum(map(len, self.made.address)) + 4096

    def holds(self, version: Version | None, settings: Settings, now: datetime) -> bool:
        """Whether it is what would be made of this content, by these settings, at this instant."""
        made = self.made
        return made.version == version and made.settings is settings and made.at <= now < made.until

    def answer(self, environ: dict, start_response, now: datetime) -> list[bytes]:
        """Send it, or that it has not changed since the asker got it."""
        form = self._forms[coding_for(environ.get("HTTP_ACCEPT_ENCODING", "")[:200])]
        fresh_for = ("Cache-Control", self._cache_control(now))
        if self._is_known(environ, form):
            start_response("304 Not Modified", [*form.not_modified, fresh_for])
            return []
        start_response("200 OK", [*form.headers, fresh_for])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [form.body]

    def _is_known(self, environ: dict, form: Form) -> bool:
        """Whether the asker has it, by its ETag. Pages have no dates: what is hidden takes its own along."""
        known = environ.get("HTTP_IF_NONE_MATCH", "")
        return known == form.etag or parse_etags(known).contains_weak(form.etag.strip('"'))

    def _cache_control(self, now: datetime) -> str:
        """Anybody may keep it, and must ask before use; shared caches need not for a while, where that is set."""
        seconds = self.made.settings.shared_cache_seconds
        if not seconds:
            return "public, max-age=0, must-revalidate"
        left = max(0, min(seconds, int((self.made.until - now).total_seconds())))
        return f"public, max-age=0, s-maxage={left}, must-revalidate"


@lru_cache(maxsize=256)
def coding_for(accepted: str) -> str:
    """The coding to send to who sent this Accept-Encoding (RFC 9110, 12.5.3): the best of those it likes most."""
    wanted = parse_accept_header(accepted, Accept)
    best = max(("br", "gzip"), key=lambda coding: wanted[coding])
    return best if wanted[best] > 0 and wanted[best] >= wanted["identity"] else "identity"


def _coded(body: bytes) -> list[tuple[str, bytes]]:
    return [
        ("br", brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY)),
        ("gzip", gzip.compress(body, mtime=0)),
        ("identity", body),
    ]


def _form(kept: list[Header], body: bytes, coding: str) -> Form:
    """The ETag is a digest of what is sent: another release of brotli, on another server, makes other bytes."""
    etag = f'"{sha256(body).hexdigest()[:20]}"'
    own = [("ETag", etag), ("Vary", "Accept-Encoding")]
    if coding != "identity":
        own.append(("Content-Encoding", coding))
    headers = [*kept, *own, ("Content-Length", str(len(body)))]
    repeated = [(name, value) for name, value in headers if name.lower() in OF_NOT_MODIFIED]
    return Form(body, etag, headers, repeated)
