"""What all pages share."""

from flask import Flask

from . import compression, errors, filters, headers, line, outages, page_cache, proxies, requests, static_files
from .bodies import ReadToTheEnd
from .hosts import HostCheck


def init_app(app: Flask) -> None:
    """Give the application's pages their filters, headers, error pages and static files."""
    filters.init_app(app)
    headers.init_app(app)
    compression.init_app(app)
    errors.init_app(app)
    outages.init_app(app)
    line.init_app(app)
    static_files.init_app(app)
    page_cache.init_app(app)
    checked = HostCheck(app.wsgi_app)  # behind the proxies, whose word for the host it may be
    app.wsgi_app = ReadToTheEnd(proxies.believed(checked, app.config["CLINIC"].trusted_proxies))
    requests.init_app(app)
