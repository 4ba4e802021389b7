"""Figures: appointments, no-shows, enquiries, first answers and busy hours as charts, with tables and files."""

from collections.abc import Iterable

from flask import Response, abort, render_template

from ... import database
from ...web import downloads
from ..area import area, needs, record
from . import lists, tables
from .asked import Asked

bp = area("figures", __name__, needs=("figures",))


@bp.get("")
def index():
    asked = Asked.in_address()
    summary, figures = tables.all_of(asked)
    return render_template("staff/figures/index.html", asked=asked, summary=summary, figures=figures)


@bp.get("/<name>.csv")
def file(name):
    if name not in tables.FIGURES:
        abort(404)
    asked = Asked.in_address()
    figure = tables.FIGURES[name](asked)
    return _download(name, asked, figure.file_header, figure.file_rows())


@bp.get("/enquiries.csv")
@needs("enquiries")
def enquiries():
    asked = Asked.in_address()
    return _download("enquiries", asked, *lists.enquiries(asked))


@bp.get("/appointments.csv")
@needs("calendar")
def appointments():
    asked = Asked.in_address()
    return _download("appointments", asked, *lists.appointments(asked))


def _download(name: str, asked: Asked, header: Iterable[str], rows: Iterable) -> Response:
    """The rows as a CSV file that is sent while it is written; who took it is recorded first."""
    with database.transaction():
        record("downloaded", file=f"{name}.csv", **asked.in_words())
    return downloads.csv_file(name, header, rows)
