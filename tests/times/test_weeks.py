"""Weeks of the clinic's calendar, sorted into by SQL as clocks on the wall show them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from clinic_app import clock, database
from clinic_app.extensions import db
from clinic_app.rate_limits import RateLimitCount
from clinic_app.times.weeks import LONGEST, Weeks

IN = RateLimitCount.ends_at  # any column that holds instants


def keep(*instants):
    with database.transaction() as session:
        session.add_all(RateLimitCount(key=str(n), count=1, ends_at=at) for n, at in enumerate(instants))


def sorted_by_sql(weeks):
    """(week, weekday, hour) of each kept instant that lies in the weeks."""
    rows = db.session.execute(select(weeks.number(IN), weeks.hour(IN)).where(weeks.hold(IN)).order_by(IN)).all()
    return [(week, hour // 24, hour % 24) for week, hour in rows]


def sorted_by_python(weeks, instants):
    walls = [clock.local(at) for at in sorted(instants) if weeks.starts_at <= at < weeks.ends_at]
    return [((w.date() - weeks.first).days // 7, w.weekday(), w.hour) for w in walls]


def test_weeks_run_from_monday_to_sunday_and_hold_the_days_asked_for(app):
    weeks = Weeks.holding(date(2026, 11, 18), date(2026, 11, 29))
    assert weeks.mondays == [date(2026, 11, 16), date(2026, 11, 23)]
    assert weeks.last_day == date(2026, 11, 29)
    assert clock.format_in_full(weeks.ends_at) == "Monday 30 November 2026, 12:00 am AEDT"


def test_days_in_the_wrong_order_mean_the_weeks_between_them(app):
    assert Weeks.holding(date(2026, 11, 29), date(2026, 11, 18)) == Weeks.holding(
        date(2026, 11, 18), date(2026, 11, 29)
    )


def test_of_a_long_time_the_last_two_years_are_taken(app):
    weeks = Weeks.holding(date(1990, 1, 1), date(2026, 11, 24))
    assert weeks.count == LONGEST
    assert weeks.last_day == date(2026, 11, 29)


@pytest.mark.parametrize(
    "zone", ["Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe", "Australia/Perth", "America/Havana"]
)
def test_sql_tells_weeks_and_hours_as_the_clocks_of_the_clinic_show_them(app, with_settings, zone):
    with_settings(timezone=zone)
    weeks = Weeks.holding(date(2026, 3, 2), date(2026, 11, 29))
    start = datetime(2026, 2, 25, tzinfo=UTC)
    # Each 7 hours and 13 minutes, so that all hours come; and each quarter of an hour where clocks change.
    instants = {start + timedelta(minutes=433 * n) for n in range(1000)}
    for change in ("2026-03-08", "2026-04-05", "2026-10-04", "2026-11-01"):
        middle = datetime.fromisoformat(change).replace(tzinfo=UTC)
        instants |= {middle + timedelta(minutes=15 * n) for n in range(-80, 80)}
    keep(*instants)
    assert sorted_by_sql(weeks) == sorted_by_python(weeks, instants)


def test_the_last_instant_of_a_week_belongs_to_it(app):
    weeks = Weeks.holding(date(2026, 11, 16), date(2026, 11, 29))
    monday = clock.instant_of(date(2026, 11, 23))
    keep(monday - timedelta(milliseconds=500), monday, weeks.ends_at)
    assert sorted_by_sql(weeks) == [(0, 6, 23), (1, 0, 0)]


def test_the_hour_that_comes_twice_is_counted_as_one_hour(app):
    weeks = Weeks.holding(date(2026, 4, 5), date(2026, 4, 5))
    first_pass = clock.instant_of(date(2026, 4, 5), time(2, 30))
    keep(first_pass, first_pass + timedelta(hours=1))
    assert sorted_by_sql(weeks) == [(0, 6, 2), (0, 6, 2)]
