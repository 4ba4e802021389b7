"""What all pages share."""

from flask import Flask

from . import errors, filters, headers, static_files


def init_app(app: Flask) -> None:
    """Give the application's pages their filters, headers, error pages and static files."""
    filters.init_app(app)
    headers.init_app(app)
    errors.init_app(app)
    static_files.init_app(app)
