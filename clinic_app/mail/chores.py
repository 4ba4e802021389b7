"""What workers do besides sending: small things that state and the clock call for, such as queueing reminders.

Any number of workers does them, so a chore must be right when two do it at once.
"""

from collections.abc import Callable
from typing import NamedTuple

from flask import Flask
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import InstrumentedAttribute

from .. import database, logs
from ..extensions import db


class Chore(NamedTuple):
    """`is_due` only looks, cheaply; `do` then runs in a writing transaction of its own.

    What takes long, or cannot be undone, `do` gives back as a function, which is called after the commit.
    """

    name: str
    is_due: Callable[[], bool]
    do: Callable[[], object]


def add(app: Flask, name: str, *, is_due: Callable[[], bool], do: Callable[[], object]) -> None:
    """Have the application's workers do this every few seconds, when it is due."""
    app.extensions.setdefault("chores", []).append(Chore(name, is_due, do))


def forget(
    app: Flask, name: str, key: InstrumentedAttribute, *, is_over: Callable[[], ColumnElement[bool]]
) -> None:
    """Have the application's workers delete rows that nobody needs any more. `key` is the table's primary key,
    `is_over` gives the condition, in SQL.

    Rows that somebody has locked, to use them once more, are left to the next time: who waits for one of them
    holds others, for which that one may wait.
    """

    def is_due() -> bool:
        return db.session.scalar(select(key).where(is_over()).limit(1)) is not None

    def do() -> None:
        free = select(key).where(is_over()).with_for_update(skip_locked=True)  # SQLite's writers queue anyway
        db.session.execute(delete(key.class_).where(key.in_(free)))

    add(app, name, is_due=is_due, do=do)


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
