"""Files to keep, sent while they are written."""

from collections.abc import Iterable

from flask import Response, stream_with_context

from .. import clock, csv_files


def csv_file(name: str, header: Iterable[str], rows: Iterable[Iterable[csv_files.Cell]]) -> Response:
    """The rows as a CSV file, called by the name and today's date."""
    pieces = csv_files.lines(header, rows)
    return attachment(pieces, name=f"{name}-{clock.today()}.csv", content_type="text/csv; charset=utf-8")


def attachment(pieces: Iterable[str] | Iterable[bytes], *, name: str, content_type: str) -> Response:
    """The file that these pieces make up."""
    answer = Response(stream_with_context(pieces), content_type=content_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
