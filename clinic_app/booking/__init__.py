"""Appointments: who works when, what is free, and booking it. docs/appointments.md has the design."""

from flask import Flask

from ..mail import chores
from . import closed_days, kept_figures, reminders


def init_app(app: Flask) -> None:
    """Have the mail workers queue reminders when they are due, take back late ones, and keep figures.

    Raises SettingsError for a state that nobody knows.
    """
    with app.app_context():
        closed_days.check_state()
    chores.add(app, "late reminders", is_due=reminders.any_late, do=reminders.withdraw_late)
    chores.add(app, "appointment reminders", is_due=reminders.any_due, do=reminders.send_due)
    chores.add(app, "figures of appointments", is_due=kept_figures.is_due, do=kept_figures.keep)
