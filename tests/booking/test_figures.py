"""Figures of appointments by week and hour of the clinic."""

from datetime import date, timedelta

import pytest

from clinic_app import clock
from clinic_app.booking import figures
from clinic_app.times.weeks import Weeks

from .conftest import MONDAY, TUESDAY
from .make import keep, keep_undone, row

WEEKS = Weeks.holding(MONDAY - timedelta(weeks=1), MONDAY)


def counted(**changes):
    return [(week.came, week.missed, week.to_come, week.unanswered, week.cancelled) for week in by_week(**changes)]


def by_week(**changes):
    return figures.by_week(WEEKS, **changes)


def test_each_appointment_counts_once_in_the_week_in_which_it_starts(clinic, at):
    last_week = MONDAY - timedelta(days=7)
    keep(
        row(clinic, at(last_week, "09:00"), status="fulfilled"),
        row(clinic, at(last_week, "10:00"), status="noshow"),
        row(clinic, at(last_week, "11:00"), status="cancelled"),
        row(clinic, at(last_week, "13:00"), status="booked"),  # over, and nobody said otherwise
        row(clinic, at(last_week, "14:00"), status="requested"),
        row(clinic, at(MONDAY, "09:00"), status="booked"),
        row(clinic, at(MONDAY, "10:00"), status="requested"),
        row(clinic, at(MONDAY, "11:00"), status="cancelled"),
        row(clinic, at(MONDAY + timedelta(days=7), "09:00")),  # outside
        row(clinic, at(MONDAY - timedelta(days=8), "09:00")),  # outside
    )
    assert counted() == [(2, 1, 0, 1, 1), (0, 0, 2, 0, 1)]


def test_missed_ones_are_told_as_a_share_of_those_that_are_over(clinic, at):
    last_week = MONDAY - timedelta(days=7)
    keep(
        *(row(clinic, at(last_week, f"{hour:02}:00"), status="fulfilled") for hour in (9, 10, 11)),
        row(clinic, at(last_week, "13:00"), status="noshow"),
    )
    assert [week.missed_share for week in by_week()] == [0.25, None]


def test_figures_of_one_practitioner_hold_nobody_elses_appointments(clinic, at):
    keep(
        row(clinic, at(TUESDAY, "09:00")),
        row(clinic, at(TUESDAY, "09:00"), practitioner_id=clinic.kit.id),
        row(clinic, at(TUESDAY, "10:00"), practitioner_id=clinic.kit.id),
    )
    assert [week.total for week in by_week()] == [0, 3]
    assert [week.total for week in by_week(practitioner=clinic.kit)] == [0, 2]
    assert figures.busy_hours(WEEKS, practitioner=clinic.robin).total == 1


def test_a_late_evening_belongs_to_the_day_on_the_clinics_clocks(clinic, at):
    sunday = MONDAY - timedelta(days=1)
    keep(row(clinic, at(sunday, "23:30")), row(clinic, at(MONDAY, "00:30"), practitioner_id=clinic.kit.id))
    assert [week.total for week in by_week()] == [1, 1]


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [("2026-10-04", "+1000", "+1100"), ("2026-04-05", "+1100", "+1000")],
    ids=["to summer time", "to winter time"],
)
def test_hours_are_those_on_the_wall_on_both_sides_of_a_clock_change(clinic, at, change, before, after):
    sunday = date.fromisoformat(change)
    friday, monday = sunday - timedelta(days=2), sunday + timedelta(days=1)
    rows = [row(clinic, at(day, "09:00")) for day in (friday, monday)]
    assert [f"{clock.local(r.starts_at):%z}" for r in rows] == [before, after]
    keep(*rows)
    hours = figures.busy_hours(Weeks.holding(friday, monday))
    assert (hours.at(4, 9), hours.at(0, 9), hours.total) == (1, 1, 2)
    assert list(hours.hours) == [9]


def test_busy_hours_leave_out_what_was_cancelled(clinic, at):
    keep(
        row(clinic, at(MONDAY, "09:00")),
        row(clinic, at(MONDAY, "09:30")),
        row(clinic, at(TUESDAY, "16:30"), status="noshow"),
        row(clinic, at(TUESDAY, "19:00"), status="cancelled"),
    )
    hours = figures.busy_hours(WEEKS)
    assert hours.busiest == [(0, 9)]
    assert hours.most == 2
    assert list(hours.hours) == list(range(9, 17))


def test_what_was_undone_as_soon_as_it_was_made_counts_nowhere(clinic, at):
    keep(row(clinic, at(MONDAY, "09:00")), row(clinic, at(TUESDAY, "10:00"), status="cancelled"))
    keep_undone(row(clinic, at(MONDAY, "11:00")), row(clinic, at(TUESDAY, "11:00")))
    assert counted() == counted(practitioner=clinic.robin) == [(0, 0, 0, 0, 0), (0, 0, 1, 0, 1)]
    assert figures.busy_hours(WEEKS).total == 1


def test_without_appointments_there_are_figures_of_nothing(clinic):
    assert [week.total for week in by_week()] == [0, 0]
    hours = figures.busy_hours(WEEKS)
    assert (hours.total, hours.busiest, list(hours.hours)) == (0, [], [])
