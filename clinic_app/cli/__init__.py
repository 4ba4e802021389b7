"""The `flask` commands, each loaded when it is asked for: a server loads none."""

import errno
import os
from collections.abc import Callable
from copy import copy
from functools import wraps
from importlib import import_module

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from .. import database, site_folder

# Where each command is: a module of this package, and its name there.
IMPORTS = {
    "markdown": "content.markdown",
    "webflow-posts": "content.webflow_posts",
    "webflow-testimonials": "content.webflow_testimonials",
}
COMMANDS = {
    "appointments": "appointments.appointments",
    "backup": "recovery.backup",
    "copy-database": "recovery.copy_database",
    "doctor": "doctor.doctor",
    "encrypt": "encrypt.encrypt",
    "enquiries": "enquiries.enquiries",
    "mail": "mail.mail",
    "people": "people.people",
    "practitioners": "appointments.practitioners",
    "purge": "purge.purge",
    "restore": "recovery.restore",
    "setup": "setup.setup",
    "staff": "staff.staff",
    "testimonials": "testimonials.testimonials",
}


NO_ROOM_TO_TELL = (
    "The disk that this command's words go to is full. Make room there, and look at what was done before you run "
    "it again."
)


class LazyGroup(AppGroup):
    """A group of commands of which each is imported when it is looked up."""

    def __init__(self, name: str, places: dict[str, str], **options) -> None:
        super().__init__(name, **options)
        self.places = places

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*super().list_commands(context), *self.places])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.places:
            return super().get_command(context, name)
        module, _, place = self.places[name].partition(".")
        command = copy(getattr(import_module(f"{__name__}.{module}"), place))
        command.invoke = _in_words(command.invoke)
        return command


def _in_words(invoke: Callable[[click.Context], object]) -> Callable[[click.Context], object]:
    """End the command in words where the database is not set up, or it or a file does not do its work for now."""

    @wraps(invoke)
    def invoked(context: click.Context) -> object:
        try:
            return invoke(context)
        except DBAPIError as error:
            if told := _told(error):
                raise click.ClickException(told) from None
            raise
        except OSError as error:
            if error.filename is None and error.errno == errno.ENOSPC:
                raise click.ClickException(NO_ROOM_TO_TELL) from None
            if error.filename is None:  # such as nobody reading on
                raise
            raise click.ClickException(site_folder.trouble(error, site_folder.find(os.environ))) from None

    return invoked


def _told(error: DBAPIError) -> str:
    """What a person can do about it; nothing for what is wrong with the program."""
    if database.lacks_migrations(error):
        return "The database is not set up, or not for this version of the program. Run `flask setup`."
    if database.is_kept_busy(error):
        seconds = database.LOCK_WAIT_MS // 1000
        return (
            f"Somebody else kept the database busy for {seconds} seconds. Nothing was left half done: try again."
        )
    return database.outage_in_words(error)


def init_app(app: Flask) -> None:
    """Register the commands beside those of extensions."""
    ours = LazyGroup(app.name, COMMANDS)
    ours.commands.update(app.cli.commands)
    app.cli = ours
    app.cli.add_command(LazyGroup("import", IMPORTS, help="Bring content in from files."))
