"""CSV that a spreadsheet opens rightly and cannot be tricked by.

RFC 4180, in UTF-8 behind a byte order mark, without which Excel takes it for another encoding. Texts stand in
quotes, numbers do not.

A spreadsheet takes a cell that begins with = + - @ for a formula, in its wide East Asian form or behind blanks
too, and a formula can send the sheet to a stranger. Such a text gets an apostrophe in front, which says "text"
(OWASP, CSV injection). Numbers that we count ourselves stay numbers. Phone numbers are written as the clinic would
dial them (clinic_app.phones): they begin with no plus.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from . import clock

BYTE_ORDER_MARK = "\ufeff"
FORMULA_SIGNS = "=+-@"
TAKEN_FOR_NOTHING = re.compile(r"[\s\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*")
LINES_AT_ONCE = 25

Cell = str | int | float | date | datetime | None


def lines(header: Iterable[str], rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """The file in pieces of some lines each, whatever the number of rows."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow([cell(value) for value in row])
        if number % LINES_AT_ONCE == 0:
            yield _taken_from(buffer)
    yield _taken_from(buffer)


def cell(value: Cell) -> str | int | float:
    """What stands in the cell: instants in the clinic's zone (ISO 8601), nothing for None, texts made harmless."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return clock.format_iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return harmless(value) if isinstance(value, str) else value


def harmless(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet could run it.

    A tab, carriage return or line feed at its beginning is enough: what follows may land in another cell.
    """
    seen = unicodedata.normalize("NFKC", TAKEN_FOR_NOTHING.sub("", text, count=1)[:1])
    if text[:1] in ("\t", "\r", "\n") or (seen and seen[0] in FORMULA_SIGNS):
        return "'" + text
    return text


def _taken_from(buffer: io.StringIO) -> str:
    piece = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return piece
