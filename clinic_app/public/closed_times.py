"""Tells the opening hours of what the booking calendar knows: public holidays and closures of the clinic."""

from datetime import date

from flask import Flask, current_app, g
from sqlalchemy.exc import SQLAlchemyError

from ..booking import hours
from ..extensions import db
from ..opening import Span, closed_times


def init_app(app: Flask) -> None:
    """Let "open now" and the times that can be booked come from the same source."""
    closed_times(app, ask)


def ask(first: date, last: date) -> list[Span]:
    """When the clinic is closed from the day `first` to `last`; one query a request, however often it is asked.

    Hours stand on nearly every page, so a database that does not answer must not take the page down: then the
    usual hours are told.
    """
    if g.get("closed_times_of") != (first, last):
        g.closed_times_of, g.closed_times = (first, last), _read(first, last)
    return g.closed_times


def _read(first: date, last: date) -> list[Span]:
    try:
        return [tuple(period) for period, _ in hours.closed(first, last)]
    except SQLAlchemyError:
        db.session.rollback()
        current_app.logger.exception("closures could not be read")
        return []
