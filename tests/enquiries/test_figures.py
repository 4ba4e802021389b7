"""Figures of enquiries by week, and how long senders wait."""

from datetime import date, time, timedelta

import pytest

from clinic_app import clock, database
from clinic_app.enquiries import figures, listing
from clinic_app.enquiries.models import Enquiry
from clinic_app.times.weeks import Weeks

from ..factories import enquire

MONDAY = date(2026, 11, 16)
WEEKS = Weeks.holding(MONDAY, MONDAY + timedelta(days=7))


@pytest.fixture
def came(app):
    """Keeps an enquiry that came then: `came(MONDAY, "09:00", answered_after=timedelta(hours=2))`."""

    def keep(day, wall="09:00", *, state="new", answered_after=None, **changes):
        at = clock.instant_of(day, time.fromisoformat(wall))
        with database.transaction():
            enquiry = enquire(nonce=f"{at} {len(made)}", **changes)
            enquiry.received_at, enquiry.state = at, state
            enquiry.first_answered_at = at + answered_after if answered_after is not None else None
            made.append(enquiry.id)
        return enquiry

    made = []
    return keep


def hours(*numbers):
    return [timedelta(hours=number) for number in numbers]


def test_enquiries_count_in_the_week_in_which_they_came_and_spam_apart(came):
    came(MONDAY)
    came(MONDAY + timedelta(days=6), "23:59", state="closed")
    came(MONDAY, state="spam")
    came(MONDAY + timedelta(days=7), "00:00", state="open")
    came(MONDAY - timedelta(days=1), "23:59")
    assert [(w.received, w.spam) for w in figures.of(WEEKS).weeks] == [(2, 1), (1, 0)]


def test_waits_are_told_by_the_half_and_by_nine_of_ten(came):
    for wait in hours(1, 2, 3, 4, 5, 6, 7, 8, 9, 100):
        came(MONDAY, answered_after=wait)
    came(MONDAY)
    week, _ = figures.of(WEEKS).weeks
    assert week.waits == figures.Waits(10, *hours(5, 9))
    assert week.unanswered == 1


@pytest.mark.parametrize(
    ("waits", "half", "most"), [([4], 4, 4), ([4, 2], 2, 4), ([3, 1, 2], 2, 3), ([0, 0, 5], 0, 5)]
)
def test_of_few_answers_the_nearest_is_told(came, waits, half, most):
    for wait in hours(*waits):
        came(MONDAY, answered_after=wait)
    assert figures.of(WEEKS).waits == figures.Waits(len(waits), *hours(half, most))


def test_each_week_has_its_own_waits_and_all_of_them_theirs(came):
    came(MONDAY, answered_after=timedelta(hours=1))
    came(MONDAY + timedelta(days=7), answered_after=timedelta(hours=3))
    came(MONDAY + timedelta(days=7), answered_after=timedelta(hours=9), state="spam")
    assert [w.waits.half for w in figures.of(WEEKS).weeks] == hours(1, 3)
    assert figures.of(WEEKS).waits == figures.Waits(2, *hours(1, 3))


def test_without_enquiries_there_are_figures_of_nothing(app):
    assert [(w.received, w.waits) for w in figures.of(WEEKS).weeks] == [(0, figures.Waits())] * 2
    assert figures.of(WEEKS).waits == figures.Waits()


def test_rows_for_files_come_oldest_first_and_spam_only_if_asked_for(came):
    came(MONDAY, "10:00", name="Lee Invented")
    came(MONDAY, "09:00", name="Robin Sample")
    came(MONDAY, "08:00", state="spam", name="Max Madeup")
    came(MONDAY - timedelta(days=1))
    columns = (Enquiry.received_at, Enquiry.name)
    assert [row.name for row in listing.received_in(WEEKS, columns)] == ["Robin Sample", "Lee Invented"]
    assert [row.name for row in listing.received_in(WEEKS, columns, state="spam")] == ["Max Madeup"]
