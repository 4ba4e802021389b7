"""Enquiries: messages from the contact form."""

from flask import Flask

from ..mail import chores
from . import kept_figures


def init_app(app: Flask) -> None:
    """Have the mail workers keep past weeks' figures."""
    chores.add(app, "figures of enquiries", is_due=kept_figures.is_due, do=kept_figures.keep)
