"""For how long records are kept, by the clinic's settings."""

from datetime import datetime, timedelta

from flask import current_app

from .. import clock

LONGEST_YEAR = timedelta(days=366)  # a few days late rather than one early


def years_before(now: datetime, years: int) -> datetime:
    """The instant that lies so many years before now, or a few days earlier."""
    return now - years * LONGEST_YEAR


def youngest_birth_year_let_go(now: datetime) -> int:
    """Who was born in this year or before has had the birthday that the setting `keep_minors_until_age` names."""
    return clock.local(now).year - current_app.config["CLINIC"].keep_minors_until_age - 1
