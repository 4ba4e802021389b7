"""Opening hours in words."""

from datetime import date, time

import pytest

from clinic_app import checks, clock
from clinic_app.times.opening import opening

HOURS = checks.hours({"monday": ["08:00-12:00", "13:00-18:00"], "wednesday": ["09:00-13:00"]})
# 23 Nov 2026 is a Monday.


@pytest.mark.parametrize(
    ("day", "at", "is_open", "text"),
    [
        ("2026-11-23", "07:59", False, "Closed, opens 8:00 am"),
        ("2026-11-23", "08:00", True, "Open now, until 12:00 pm"),
        ("2026-11-23", "12:00", False, "Closed, opens 1:00 pm"),
        ("2026-11-23", "17:59", True, "Open now, until 6:00 pm"),
        ("2026-11-23", "18:00", False, "Closed, opens Wed 25 Nov, 9:00 am"),
        ("2026-11-25", "13:00", False, "Closed, opens Mon 30 Nov, 8:00 am"),
    ],
)
def test_it_says_whether_the_clinic_is_open_and_what_comes_next(app, with_settings, day, at, is_open, text):
    with_settings(hours=HOURS)
    now = opening(clock.instant_of(date.fromisoformat(day), time.fromisoformat(at)))
    assert (now.is_open, now.text) == (is_open, text)


@pytest.mark.parametrize(
    ("at", "text"),
    [("17:59", "Closed, opens 6:00 pm"), ("18:00", "Open now, until 12:00 am"), ("23:59", "Open now")],
)
def test_hours_may_last_until_midnight(app, with_settings, at, text):
    with_settings(hours=checks.hours({"monday": ["08:00-12:00", "18:00-24:00"]}))
    now = opening(clock.instant_of(date(2026, 11, 23), time.fromisoformat(at)))
    assert now.text.startswith(text)
    assert now.week[0] == ("Monday", "8:00 am to 12:00 pm, 6:00 pm to 12:00 am", True)
    assert opening(clock.instant_of(date(2026, 11, 24), time(0))).text == "Closed, opens Mon 30 Nov, 8:00 am"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2026-11-23T21:00", "Open now, until Tue 24 Nov, 3:00 am"),
        ("2026-11-24T01:00", "Open now, until 3:00 am"),
        ("2026-11-24T20:00", "Open now, until 12:00 am"),
        ("2026-11-27T12:00", "Open now"),  # and all of Saturday and Sunday
        ("2026-11-29T12:00", "Open now, until 12:00 am"),
    ],
)
def test_hours_that_go_on_over_midnight_end_when_the_next_days_do(app, with_settings, at, text):
    always = dict.fromkeys(("friday", "saturday", "sunday"), ["00:00-24:00"])
    with_settings(
        hours=checks.hours({"monday": ["20:00-24:00"], "tuesday": ["00:00-03:00", "18:00-24:00"], **always})
    )
    day, wall = at.split("T")
    assert opening(clock.instant_of(date.fromisoformat(day), time.fromisoformat(wall))).text == text


def test_a_clinic_without_hours_is_closed(app, with_settings):
    with_settings(hours=checks.hours({}))
    assert opening().text == "Closed"


def test_the_week_tells_each_day_and_marks_today(app, with_settings):
    with_settings(hours=HOURS)
    week = opening(clock.instant_of(date(2026, 11, 23), time(9))).week
    assert week[0] == ("Monday", "8:00 am to 12:00 pm, 1:00 pm to 6:00 pm", True)
    assert week[1] == ("Tuesday", "Closed", False)


def test_the_usual_week_knows_no_holiday_and_the_days_that_differ_are_told_for_themselves(app):
    christmas_eve = clock.instant_of(date(2026, 12, 24), time(9))
    assert dict(opening().usual_week)["Friday"] == "8:00 am to 5:00 pm"
    assert opening(christmas_eve).unusual_days == [
        "Closed on Friday 25 December: Christmas Day",
        "Closed on Saturday 26 December: Boxing Day",
        "Closed on Monday 28 December: Boxing Day (observed)",
    ]


def test_days_that_are_as_usual_are_not_told(app, with_settings):
    with_settings(hours=HOURS)
    assert opening(clock.instant_of(date(2026, 12, 21), time(9))).unusual_days == [
        "Closed on Monday 28 December: Boxing Day (observed)"
    ]


@pytest.mark.parametrize(
    ("at", "until"),
    [("07:59", "08:00"), ("08:00", "12:00"), ("12:00", "13:00"), ("17:59", "18:00"), ("18:00", "00:00")],
)
def test_it_says_until_when_what_it_says_holds(app, with_settings, at, until):
    with_settings(hours=HOURS)
    now = clock.instant_of(date(2026, 11, 23), time.fromisoformat(at))
    assert clock.local(opening(now).holds_until).time() == time.fromisoformat(until)
    assert opening(opening(now).holds_until).text != opening(now).text or until == "00:00"
