"""Staff's pages."""

from flask import Flask

from . import enquiries


def init_app(app: Flask) -> None:
    """Register the blueprint."""
    app.register_blueprint(enquiries.bp)
