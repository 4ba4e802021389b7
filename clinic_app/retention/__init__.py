"""What is kept for how long, and removed afterwards. docs/privacy.md has the table, and the laws it comes from."""

from flask import Flask

from ..mail import chores
from . import purging


def init_app(app: Flask) -> None:
    """Have the mail workers purge once a day, step by step, where the setting `purge` says so."""
    chores.add(app, "purge", is_due=purging.is_due, do=purging.step)
