"""Mail: queued in the database with what caused it, sent by a worker afterwards. docs/mail.md has the design."""

from flask import Flask

from . import smtp
from .addresses import greeting, mailto


def init_app(app: Flask) -> None:
    """Bind the mailer to the application, and give templates what names and addresses need."""
    smtp.init_app(app)
    app.add_template_filter(greeting)
    app.add_template_filter(mailto)
