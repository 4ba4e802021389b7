"""Tells the opening hours of what the booking calendar knows: public holidays, closures and extra hours."""

from datetime import date

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from .. import content_version
from ..booking import hours
from ..extensions import db
from ..times.opening import Exceptions, opening_exceptions
from ..web import page_cache


def init_app(app: Flask) -> None:
    """Let "open now" and the times that can be booked come from the same source."""
    opening_exceptions(app, ask)


def ask(first: date, last: date) -> Exceptions:
    """When weekly hours do not hold from the day `first` to `last`.

    Hours stand on nearly every page, so a database that does not answer must not take the page down: then the
    usual hours are told, and the page is not kept.
    """
    try:
        if content_version.of_request():
            return content_version.kept(("closed times", first, last), lambda: hours.exceptions(first, last))
    except SQLAlchemyError:
        db.session.rollback()
        current_app.logger.exception("closures and extra hours could not be read")
    page_cache.do_not_keep()
    return Exceptions([], [])
