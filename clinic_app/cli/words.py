"""What is typed on the command line: words that are kept or looked for, names of files, numbers of rows.

Bytes that are no UTF-8, as a terminal of another encoding sends them, are refused: no database takes them.
"""

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


NAME = Words(200)
WORDS = Words()
ROW_NUMBER = click.IntRange(1, 2**31 - 1)  # as large as a column of them takes


def _refuse_other_encodings(kind: click.ParamType, text: str, parameter, context) -> None:
    if not is_utf8(text):
        kind.fail("it is not in UTF-8.", parameter, context)
