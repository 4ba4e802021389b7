"""Reverse proxies: what they say of a visitor is believed as far as the setting `trusted_proxies` goes."""

import logging

from werkzeug.middleware.proxy_fix import ProxyFix

SAID_BY_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")
UNTRUSTED = (
    "A request came with headers of a reverse proxy (X-Forwarded-...), which are not believed while "
    "trusted_proxies is 0. If a proxy of yours stands in front, set trusted_proxies to the number of proxies: "
    "until then, limits count all visitors as one. If none does, somebody sends them to seem someone else."
)
log = logging.getLogger(__name__)


def believed(app, proxies: int):
    """The WSGI application `app`, which is told of a visitor by so many proxies; with 0 it is warned of any.

    Each adds an address to those told. The scheme and the host each sets anew, so the nearest one's word counts.
    """
    if not proxies:
        return _Warning(app)
    return ProxyFix(_KnownScheme(app), x_for=proxies, x_proto=1, x_host=1)


class _Warning:
    """Says once, in the log, that what a proxy says is not believed."""

    def __init__(self, app):
        self.app = app
        self.warned = False

    def __call__(self, environ, start_response):
        if not self.warned and any(name in environ for name in SAID_BY_PROXIES):
            self.warned = True
            log.warning(UNTRUSTED)
        return self.app(environ, start_response)


class _KnownScheme:
    """Knows http and https only, whatever X-Forwarded-Proto was."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        if environ["wsgi.url_scheme"] not in ("http", "https"):
            environ["wsgi.url_scheme"] = "http"
        return self.app(environ, start_response)
