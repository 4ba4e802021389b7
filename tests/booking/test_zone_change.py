"""A clinic that changes its time zone: what is meant by its clocks follows them, what patients heard does not."""

from datetime import timedelta

import pytest

from clinic_app import clock
from clinic_app.booking import appointments, hours, zone_change
from clinic_app.booking.appointments import STAFF
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db
from clinic_app.times.periods import Period

from .conftest import ALEX, MONDAY, NOW, TUESDAY, days, do


@pytest.fixture
def move(with_settings):
    """Sets the site up with another time zone; gives the one before."""

    def move(zone, *, later=timedelta(0)):
        with_settings(timezone=zone)
        return do(zone_change.follow, now=NOW + later)

    return move


def told(practitioner=None) -> list[str]:
    db.session.rollback()
    return [clock.format_period(*one.period) for one in hours.exceptions_of(practitioner)]


def test_closures_time_off_and_extra_hours_stay_at_their_hours(clinic, at, move):
    do(zone_change.follow)
    do(hours.close_clinic, hours.between(MONDAY, TUESDAY))
    do(hours.take_time_off, clinic.robin, Period(at(TUESDAY, "13:00"), at(TUESDAY + days(1))))
    do(hours.add_extra_hours, clinic.robin, Period(at(MONDAY - days(1), "09:00"), at(MONDAY - days(1), "10:30")))
    before = told(), told(clinic.robin)
    assert before[0] == ["Mon 23 Nov 2026 to Tue 24 Nov 2026"]
    assert move("Australia/Perth") == "Australia/Sydney"
    assert (told(), told(clinic.robin)) == before
    assert move("Australia/Perth") is None, "once is enough"
    assert (told(), told(clinic.robin)) == before
    assert move("America/New_York") == "Australia/Perth"
    assert (told(), told(clinic.robin)) == before


def test_a_day_that_clocks_begin_late_is_a_whole_day_by_other_clocks_and_back(app, with_settings, move):
    with_settings(timezone="America/Havana")
    do(zone_change.follow)
    late = MONDAY.replace(year=2027, month=3, day=14)  # clocks go from midnight to 1 am
    do(hours.close_clinic, hours.between(late, late))
    for zone in ("America/New_York", "America/Havana"):
        move(zone)
        assert told() == ["Sun 14 Mar 2027"], zone


def test_what_clocks_skip_there_stays_as_it_is(clinic, at, move):
    do(zone_change.follow)
    day = MONDAY.replace(year=2027, month=3, day=14)
    do(hours.close_clinic, Period(at(day, "02:10"), at(day, "02:50")))
    move("America/New_York")
    assert told() == ["Sat 13 Mar 2027, 10:10 am to 10:50 am"]


def test_a_site_that_is_set_up_for_the_first_time_has_had_no_other_zone(clinic, move):
    do(hours.close_clinic, hours.between(MONDAY, MONDAY))
    assert zone_change.known() is None
    assert move("Australia/Perth") is None
    assert zone_change.known() == "Australia/Perth"
    assert told() == ["Sun 22 Nov 2026, 9:00 pm to Mon 23 Nov 2026, 9:00 pm"], "nobody knows by which clocks"


def test_appointments_that_were_told_by_other_clocks_are_known_until_they_are_moved(clinic, at, book, move):
    do(zone_change.follow)
    book()
    book(TUESDAY, "10:00")
    assert list(zone_change.told_otherwise()) == []
    move("Australia/Perth", later=timedelta(hours=1))
    starts = [(clock.format_when(one.starts_at), f"{was:%H:%M %Z}") for one, was in zone_change.told_otherwise()]
    assert starts == [("Mon 23 Nov, 6:30 am", "09:30 AEDT"), ("Tue 24 Nov, 7:00 am", "10:00 AEDT")]
    first = db.session.get(Appointment, next(zone_change.told_otherwise())[0].id)
    later = NOW + timedelta(hours=2)
    do(appointments.reschedule, first, starts_at=at(MONDAY, "09:30"), by=STAFF, now=later)
    assert [f"{was:%H:%M}" for _, was in zone_change.told_otherwise()] == ["10:00"]
    do(appointments.book, service=clinic.visit, starts_at=at(TUESDAY, "11:00"), patient=ALEX, now=later)
    assert [f"{was:%H:%M}" for _, was in zone_change.told_otherwise()] == ["10:00"]
    move("Australia/Sydney", later=timedelta(hours=3))
    assert [f"{was:%H:%M %Z}" for _, was in zone_change.told_otherwise()] == ["09:30 AWST", "11:00 AWST"]


def test_zones_with_the_same_clocks_change_nothing_that_was_told(clinic, book, move):
    do(zone_change.follow)
    book()
    move("Australia/Melbourne", later=timedelta(hours=1))
    assert list(zone_change.told_otherwise()) == []
