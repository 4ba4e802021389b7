"""What is typed on the command line (words that are kept or looked for, names of files, numbers of rows), and what
several commands say.

Bytes that are no UTF-8, as a terminal of another encoding sends them, are refused: no database takes them.
"""

from pathlib import Path

import click

from ..checks import is_utf8


class Words(click.ParamType):
    """Text of up to `longest` characters."""

    name = "text"

    def __init__(self, longest: int = 2_000) -> None:
        self.longest = longest

    def convert(self, value: str, parameter: click.Parameter | None, context: click.Context | None) -> str:
        _refuse_other_encodings(self, value, parameter, context)
        if len(value) > self.longest:
            self.fail(f"it is longer than {self.longest:,} characters.", parameter, context)
        return value


class NamedFile(click.Path):
    """A file, there already or not, whose path can be told."""

    def convert(self, value, parameter: click.Parameter | None, context: click.Context | None):
        _refuse_other_encodings(self, str(value), parameter, context)
        return super().convert(value, parameter, context)


class StoredFile(NamedFile):
    """A file that is there, and can be read as often as needed: what comes through a pipe is gone once it was."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value, parameter: click.Parameter | None, context: click.Context | None) -> Path:
        path = Path("/dev/stdin") if value == "-" else super().convert(value, parameter, context)
        if not path.is_file():
            self.fail("it is read more than once: save it to a file first, and name that.", parameter, context)
        return path


TAKEN_BACK = "A restore was broken off: what was there before it is back."
NAME = Words(200)
WORDS = Words()
ROW_NUMBER = click.IntRange(1, 2**31 - 1)  # as large as a column of them takes


def none_found(what: str, state: str | None = None) -> str:
    """What a list says that would print nothing: "There are no new enquiries."."""
    return f"There are no {f'{state} ' if state else ''}{what}."


def tell_wait() -> None:
    """Say that another one has the turn to set the database up."""
    click.echo("Waiting for another server or command, which sets the database up.")


def _refuse_other_encodings(kind: click.ParamType, text: str, parameter, context) -> None:
    if not is_utf8(text):
        kind.fail("it is not in UTF-8.", parameter, context)
