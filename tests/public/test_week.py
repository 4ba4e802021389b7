"""A week of times as it is told, above all where clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic_app import clock
from clinic_app.booking.availability import Openings
from clinic_app.booking.models import Practitioner
from clinic_app.booking.slots import Diary, Rules
from clinic_app.public.week import week_of

DAY = timedelta(days=1)


@pytest.fixture
def week(with_settings):
    """`week(zone, day)`: a practitioner works each day at these hours, and it is 30 days before `day`."""

    def week_(zone, day, *, starts="09:00", ends="17:00", days=range(7), horizon=60):
        with_settings(timezone=zone, public_holidays="open")
        first = date.fromisoformat(day)
        now = datetime.combine(first - 30 * DAY, time(0), tzinfo=UTC)
        half_hour = timedelta(minutes=30)
        rules = Rules(now=now, zone=ZoneInfo(zone), length=half_hour, step=half_hour, horizon_days=horizon)
        weekly = [(weekday, time.fromisoformat(starts), time.fromisoformat(ends)) for weekday in days]
        openings = Openings(rules, [(Practitioner(id=1), Diary(weekly=weekly))], first - 30 * DAY, rules.last_day)
        return week_of(openings, first)

    return week_


def times(week, day):
    """The times of a day, as they are told."""
    parts = next(one.parts for one in week.days if one.date == date.fromisoformat(day))
    return [clock.format_time(slot.at) for _, slots in parts for slot in slots]


@pytest.mark.parametrize(
    ("zone", "day", "told"),
    [
        ("Australia/Sydney", "2027-03-15", "AEDT"),
        ("Australia/Sydney", "2027-04-12", "AEST"),
        ("Australia/Sydney", "2027-04-01", "AEDT, from Sun 4 Apr AEST"),
        ("Australia/Sydney", "2027-04-04", "AEST"),
        ("Australia/Sydney", "2027-10-01", "AEST, from Sun 3 Oct AEDT"),
        ("Australia/Lord_Howe", "2027-04-01", "UTC+11:00, from Sun 4 Apr UTC+10:30"),
        ("Australia/Lord_Howe", "2027-04-12", "UTC+10:30"),
        ("Europe/Berlin", "2027-03-25", "CET, from Sun 28 Mar CEST"),
        ("Europe/Berlin", "2027-10-29", "CEST, from Sun 31 Oct CET"),
        ("America/New_York", "2027-03-12", "EST, from Sun 14 Mar EDT"),
        ("America/New_York", "2027-11-05", "EDT, from Sun 7 Nov EST"),
        ("Asia/Tokyo", "2027-04-01", "JST"),
    ],
)
def test_a_week_names_the_zone_that_its_own_times_have(week, zone, day, told):
    assert week(zone, day).zone == told


def test_the_zone_is_told_by_times_and_not_by_days_without_any(week):
    assert week("Australia/Sydney", "2027-04-01", days=[3, 4]).zone == "AEDT"
    assert week("Australia/Sydney", "2027-04-02", days=[0, 1]).zone == "AEST"
    assert week("Australia/Sydney", "2027-04-01", days=[]).zone == ""


@pytest.mark.parametrize(
    ("zone", "day", "told"),
    [
        ("Australia/Sydney", "2027-04-04", ["2:00 am AEDT", "2:30 am AEDT", "2:00 am AEST", "2:30 am AEST"]),
        ("Australia/Lord_Howe", "2027-04-04", ["1:30 am UTC+11:00", "1:30 am UTC+10:30"]),
        ("Europe/Berlin", "2027-10-31", ["2:00 am CEST", "2:30 am CEST", "2:00 am CET", "2:30 am CET"]),
        ("America/New_York", "2027-11-07", ["1:00 am EDT", "1:30 am EDT", "1:00 am EST", "1:30 am EST"]),
    ],
)
def test_times_that_come_twice_have_their_zone_beside_them_and_no_others(week, zone, day, told):
    at_night = times(week(zone, day, starts="00:00", ends="05:00"), day)
    assert [time for time in at_night if time[-1] != "m"] == told
    assert {"12:30 am", "3:00 am", "4:30 am"} <= set(at_night)


@pytest.mark.parametrize(("zone", "day"), [("Australia/Sydney", "2027-10-03"), ("Europe/Berlin", "2027-03-28")])
def test_a_day_that_skips_an_hour_says_no_zone_beside_its_times(week, zone, day):
    at_night = times(week(zone, day, starts="00:00", ends="05:00"), day)
    assert "3:00 am" in at_night
    assert all(time.endswith("am") for time in at_night)


def test_a_week_is_told_from_its_first_day_to_its_last_and_one_day_once(week):
    assert week("Australia/Sydney", "2027-04-12").in_words == "Mon 12 Apr to Sun 18 Apr"
    assert week("Australia/Sydney", "2027-05-04", horizon=30).in_words == "Tue 4 May"
