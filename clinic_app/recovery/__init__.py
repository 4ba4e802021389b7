"""Backups: made while the site serves, verified, rotated, restored. docs/recovery.md has the design."""

from functools import partial

from flask import Flask

from ..mail import chores
from . import schedule


def init_app(app: Flask) -> None:
    """Have the application's workers make backups by the clock."""
    chores.add(app, "backup", is_due=schedule.is_due, do=partial(schedule.take_and_begin, app))
