"""Staff's accounts: who they are, what each may do, where they are signed in, and the trail of what they did."""

from flask import Flask

from ..mail import chores
from . import library, sign_ins  # noqa: F401 - the library before anything that imports Flask-Security
from .models import SignIn


def init_app(app: Flask) -> None:
    """Have sign-ins forgotten that were not used any more."""
    chores.forget(app, "sign-ins", SignIn.id, is_over=sign_ins.is_over)
