"""Mail: queued in the database with what caused it, sent by a worker afterwards."""

from flask import Flask

from . import outbox

__all__ = ["outbox"]


def init_app(app: Flask) -> None:
    """Bind the mailer to the application."""
