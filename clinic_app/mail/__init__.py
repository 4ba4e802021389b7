"""Mail: queued in the database with what caused it, sent by a worker afterwards."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Bind the mailer to the application."""
