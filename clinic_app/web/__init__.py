"""What all pages share."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import compression, errors, filters, headers, outages, requests, static_files
from .hosts import HostCheck


def init_app(app: Flask) -> None:
    """Give the application's pages their filters, headers, error pages and static files."""
    filters.init_app(app)
    headers.init_app(app)
    compression.init_app(app)
    errors.init_app(app)
    outages.init_app(app)
    static_files.init_app(app)
    if proxies := app.config["CLINIC"].trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)
    app.wsgi_app = HostCheck(app.wsgi_app)
    requests.init_app(app)
