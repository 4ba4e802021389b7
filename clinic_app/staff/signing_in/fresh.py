"""Asking for the password again before what must not be done from a browser that was left alone."""

from flask import flash, redirect, url_for
from flask_security.utils import check_and_update_authn_fresh, get_message

from .settings import FRESH_FOR


def confirm_first(back_to: str):
    """An answer that leads to confirming who is there, and then `back_to`; None where that was done recently."""
    if check_and_update_authn_fresh(FRESH_FOR, FRESH_FOR, "session"):
        return None
    flash(*get_message("REAUTHENTICATION_REQUIRED"))
    return redirect(url_for("security.verify", next=back_to))
