"""What workers do besides sending: small things that state and the clock call for, such as queueing reminders.

Any number of workers does them, so a chore must be right when two do it at once.
"""

from collections.abc import Callable
from typing import NamedTuple

from flask import Flask

from .. import database, logs
from ..extensions import db


class Chore(NamedTuple):
    """`is_due` only looks, cheaply; `do` then runs in a writing transaction of its own.

    What takes long or may not be undone it gives back as a function, which is called once that is committed.
    """

    name: str
    is_due: Callable[[], bool]
    do: Callable[[], object]


def add(app: Flask, name: str, *, is_due: Callable[[], bool], do: Callable[[], object]) -> None:
    """Have the application's workers do this every few seconds, when it is due."""
    app.extensions.setdefault("chores", []).append(Chore(name, is_due, do))


def do_all(app: Flask) -> None:
    """Do what is due. A chore's fault is logged, once while it stays, and stops neither the others nor the mail.

    Where the database is out of service, its error is raised.
    """
    faults = app.extensions.setdefault("chore_faults", {})
    for chore in app.extensions.get("chores", ()):
        try:
            if chore.is_due():
                with database.transaction():
                    afterwards = chore.do()
                if callable(afterwards):
                    afterwards()
            faults.pop(chore.name, None)
        except Exception as error:
            if database.is_out_of_service(error):
                raise  # the worker says so once, and tries again later
            if faults.get(chore.name) != (fault := logs.told(error)):
                app.logger.exception("Chore failed: %s", chore.name)
            faults[chore.name] = fault
        finally:
            db.session.rollback()
