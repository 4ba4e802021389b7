"""Days and times as people read them, in the clinic's zone."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from clinic_app import clock
from clinic_app.types import UTCDateTime
from tests.databases import ON_EITHER

pytestmark = ON_EITHER


def test_an_instant_is_told_in_the_clinics_zone(app):
    assert clock.format_when(datetime(2026, 11, 23, 22, 30, tzinfo=UTC)) == "Tue 24 Nov, 9:30 am"
    assert clock.format_day(datetime(2026, 12, 31, 13, 0, tzinfo=UTC)) == "Fri 1 Jan 2027"


def test_a_zone_without_letters_is_told_by_its_distance_from_utc(app, with_settings):
    with_settings(timezone="Australia/Lord_Howe")
    told = clock.format_in_full(datetime(2027, 4, 11, 23, tzinfo=UTC))
    assert told == "Monday 12 April 2027, 9:30 am UTC+10:30"


@pytest.mark.parametrize(
    ("zone", "first", "apart", "told"),
    [
        ("Australia/Sydney", "2027-04-03T15:30", 60, ["2:30 am AEDT", "2:30 am AEST"]),
        ("Australia/Lord_Howe", "2027-04-03T14:45", 30, ["1:45 am UTC+11:00", "1:45 am UTC+10:30"]),
        ("Africa/Cairo", "2026-10-29T20:00", 60, ["11:00 pm EEST", "11:00 pm EET"]),
        ("America/Santiago", "2027-04-04T02:30", 60, ["11:30 pm UTC-03:00", "11:30 pm UTC-04:00"]),
        ("Australia/Sydney", "2027-04-03T14:30", 60, ["1:30 am", "2:30 am AEDT"]),
        ("Australia/Sydney", "2027-04-03T16:59", 1, ["2:59 am AEST", "3:00 am"]),
        ("Australia/Sydney", "2026-10-03T15:30", 60, ["1:30 am", "3:30 am"]),
    ],
)
def test_a_time_that_comes_twice_says_which_of_the_two_it_is(app, with_settings, zone, first, apart, told):
    with_settings(timezone=zone)
    at = datetime.fromisoformat(first).replace(tzinfo=UTC)
    both = [at, at + timedelta(minutes=apart)]
    assert [clock.format_time(each) for each in both] == told
    assert [clock.format_when(each).partition(", ")[2] for each in both] == told


def test_the_zone_is_told_once_in_full(app):
    told = clock.format_in_full(datetime(2027, 4, 3, 16, 30, tzinfo=UTC))
    assert told == "Sunday 4 April 2027, 2:30 am AEST"


@pytest.mark.parametrize(
    ("at", "told"), [(time(0, 5), "12:05 am"), (time(12), "12:00 pm"), (time(13, 30), "1:30 pm")]
)
def test_hours_are_told_by_the_twelve_hour_clock(app, at, told):
    assert clock.format_time(at) == told


@pytest.mark.parametrize(
    "told",
    [
        "Tue~24~Nov 2026, 9:30~am AEDT",
        "Tuesday 24~November, 12:00~pm to 1:15~pm",
        "Most start on Mondays between 9~am and 10~am.",
        "I am 24 and Mona Sun, on 5 amber days",
    ],
)
def test_what_stays_on_a_line_are_times_and_days(app, told):
    assert clock.unbroken(told.replace("~", " ")) == told.replace("~", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-11-23T00:00", "2026-11-24T00:00", "Mon 23 Nov 2026"),
        ("2026-11-23T00:00", "2026-11-25T00:00", "Mon 23 Nov 2026 to Tue 24 Nov 2026"),
        ("2026-11-23T09:00", "2026-11-23T12:30", "Mon 23 Nov 2026, 9:00 am to 12:30 pm"),
        ("2026-11-23T13:00", "2026-11-24T00:00", "Mon 23 Nov 2026, 1:00 pm to the end of the day"),
        ("2026-11-23T13:00", "2026-11-26T00:00", "Mon 23 Nov 2026, 1:00 pm to the end of Wed 25 Nov 2026"),
        ("2026-11-23T22:00", "2026-11-24T02:00", "Mon 23 Nov 2026, 10:00 pm to Tue 24 Nov 2026, 2:00 am"),
    ],
)
def test_a_period_is_told_by_its_days_with_times_where_it_is_not_of_whole_days(app, start, end, told):
    start, end = (datetime.fromisoformat(f"{at}+11:00").astimezone(UTC) for at in (start, end))
    assert clock.format_period(start, end) == told


def test_wall_clock_times_keep_their_hour_across_both_clock_changes(app):
    for day in (date(2026, 4, 4), date(2026, 4, 5), date(2026, 10, 3), date(2026, 10, 4)):
        assert clock.local(clock.instant_of(day, time(9, 30))).time() == time(9, 30)


def test_a_naive_datetime_is_not_stored(app):
    with pytest.raises(ValueError, match="naive datetime"):
        UTCDateTime().process_bind_param(datetime(2026, 1, 1), None)  # noqa: DTZ001
