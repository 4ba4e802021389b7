"""A day and a week of the calendar, as staff see them."""

from datetime import date, timedelta

import pytest

from clinic_app import clock, database
from clinic_app.booking import appointments, availability, hours, profiles, requests
from clinic_app.times.periods import Period
from tests.booking.make import keep_in_a_row
from tests.queries import noted
from tests.reading import text_of, texts

from .conftest import LEE, MONDAY, NOW, TUESDAY, Desk

DAY = timedelta(days=1)


def lane(page, number=1):
    """The blocks of a lane, in words."""
    return texts(page.select(f"section[aria-labelledby=lane-{number}] .lane-blocks > li"))


def test_today_is_shown_with_a_lane_for_each_practitioner(desk, book):
    made = book()
    page = desk.get("/staff/calendar")
    assert text_of(page.h1) == "Mon 23 Nov 2026"
    assert texts(page.select(".lane-head")) == ["Robin Sample", "Kit Example"]
    assert "1 appointment" in page.select_one(".calendar-sum").text
    link = page.find("a", href=f"/staff/appointments/{made.id}")
    assert texts([link]) == ["10:00 am Alex Placeholder"]
    assert page.find(id=f"appointment-{made.id}")["class"][-4:] == ["h-1", "r-0", "hs-0", "rs-6"]
    assert page.select_one("[aria-labelledby=lane-2] .lane-none").text == "Not working"


def test_each_free_start_leads_to_booking_it_and_passed_ones_do_not(desk, book):
    book()
    page = desk.get("/staff/calendar")
    starts = page.select(".block-start a")
    assert texts(starts)[:3] == [
        "9:15 am free, 45 min : book Robin Sample",
        "9:30 am free : book Robin Sample",
        "9:45 am free : book Robin Sample",
    ]
    assert starts[1]["href"] == "/staff/calendar/book?practitioner=robin&start=2026-11-23T0930"
    assert "now" in " ".join(page.select_one(".block-now")["class"])
    assert not desk.get(f"/staff/calendar?day={MONDAY - 3 * DAY}").select(".block-start")


def starts(page) -> list[str]:
    return [link["href"][-5:] for link in page.select("[aria-labelledby=lane-1] .block-start a")]


def test_time_off_does_not_shift_the_starts_that_staff_and_visitors_see(desk, clinic, at):
    with database.transaction():
        hours.take_time_off(clinic.robin, Period(at(TUESDAY, "09:00"), at(TUESDAY, "09:50")))
    offered = availability.load(clinic.visit, practitioner=clinic.robin, first=TUESDAY, last=TUESDAY).slots()
    visitors = [f"T{slot.at:%H%M}" for slot in offered]
    assert starts(desk.get(f"/staff/calendar?day={TUESDAY}"))[:4] == ["T0950", *visitors[:3]]
    assert visitors[:3] == ["T1000", "T1015", "T1030"]


@pytest.mark.parametrize("query", ["view=week", "view=week&practitioner=robin"])
def test_the_week_tells_today_by_more_than_its_colour(desk, clinic, query):
    page = desk.get(f"/staff/calendar?{query}")
    assert texts(page.select(".lane-head [aria-current=date]")) == ["Mon 23 Nov"]
    assert not desk.get(f"/staff/calendar?{query}&day={MONDAY + 7 * DAY}").select(".lane-head [aria-current]")


@pytest.mark.parametrize(
    ("step", "shown"), [(5, ["T0900", "T0915"]), (10, ["T0900", "T0920"]), (45, ["T0900", "T0945"])]
)
def test_starts_are_so_far_apart_that_each_can_be_pressed_and_lie_on_visitors_grid(
    desk, with_settings, step, shown
):
    with_settings(slot_step_minutes=step)
    assert starts(desk.get(f"/staff/calendar?day={TUESDAY}"))[:2] == shown


def test_a_start_that_has_passed_is_no_longer_shown(desk, book, travel, at):
    book(wall="09:10", by="staff")
    travel.move_to(at(MONDAY, "09:46"))
    assert starts(desk.get("/staff/calendar"))[:2] == ["T0945", "T1000"]


def test_requests_arrivals_first_visits_and_overrides_stand_out(desk, book, clinic, travel, at):
    asked = book(wall="11:00", service=clinic.check)
    late = book(wall="12:15", by="staff", override="Emergency", patient=LEE)
    came = book()
    with database.transaction():
        appointments.fulfil(came)
    page = desk.get("/staff/calendar")
    chips = {made.id: texts(page.select(f"#appointment-{made.id} .chip")) for made in (asked, late, came)}
    assert chips == {asked.id: ["To confirm"], late.id: ["Outside hours"], came.id: ["Arrived"]}
    assert texts(page.select(".calendar-sum .chip")) == ["1 to confirm"]


def test_a_request_answered_with_other_times_waits_for_its_patient_wherever_it_is_shown(
    desk, book, clinic, travel, at
):
    asked = book(wall="11:00", service=clinic.check)
    with database.transaction():
        requests.offer(asked, times=[(clinic.robin, at(MONDAY, "09:30"))])
    chips = f"#appointment-{asked.id} .chip", ".week-requested .chip", "[aria-labelledby=today-title] .chip"
    pages = [desk.get(path) for path in ("/staff/calendar", "/staff/calendar?view=week", "/staff")]
    assert [texts(page.select(chip)) for page, chip in zip(pages, chips, strict=True)] == [["Times offered"]] * 3
    assert "to confirm" not in pages[0].select_one(".calendar-sum").text
    page = desk.get(f"/staff/appointments/{asked.id}")
    assert page.find(id="do-title").text == "What next"
    assert texts(page.select("[aria-labelledby=who-title] header .chip")) == ["Times offered"]
    travel.move_to(at(MONDAY, "09:31"))
    assert "1 to confirm" in desk.get("/staff/calendar").select_one(".calendar-sum").text
    assert desk.get(f"/staff/appointments/{asked.id}").find(id="do-title").text == "Answer the request"


def test_who_is_about_to_come_can_be_marked_as_arrived_from_the_day(desk, book):
    soon, later = book(), book(wall="15:00", patient=LEE)
    page = desk.get("/staff/calendar")
    (form,) = page.select(".block-form")
    assert form["action"] == f"/staff/appointments/{soon.id}/arrived"
    page = desk.post(form["action"], back="calendar")
    assert text_of(page.h1) == "Mon 23 Nov 2026"
    assert texts(page.select(f"#appointment-{soon.id} .chip")) == ["Arrived"]
    assert later.status == "booked"


def test_what_was_cancelled_or_missed_is_listed_under_the_board(desk, book):
    made = book()
    with database.transaction():
        appointments.cancel(made, by="staff", reason="Ill")
    page = desk.get("/staff/calendar")
    assert not page.select(".block-made")
    assert "Alex Placeholder" in page.find("section", {"aria-labelledby": "freed-title"}).text


def test_absences_closures_and_holidays_are_told_with_their_reasons(desk, clinic, at):
    with database.transaction():
        hours.take_time_off(clinic.robin, Period(at(MONDAY, "11:00"), at(MONDAY, "12:00")), reason="Course")
        hours.close_clinic(hours.between(TUESDAY, TUESDAY), reason="Painting")
    assert "Away Course , 11:00 am to 12:00 pm" in lane(desk.get("/staff/calendar"))
    closed = desk.get(f"/staff/calendar?day={TUESDAY}")
    assert lane(closed) == ["Closed Painting , 9:00 am to 5:00 pm"]
    assert "Christmas Day" in desk.get("/staff/calendar?day=2026-12-25").text


def test_days_weeks_and_one_practitioner_are_in_the_address(desk, book, clinic):
    book(TUESDAY, practitioner=clinic.kit)
    page = desk.get(f"/staff/calendar?day={TUESDAY}&practitioner=kit")
    assert texts(page.select(".lane-head")) == ["Kit Example"]
    assert page.find("a", rel="next")["href"] == "/staff/calendar?day=2026-11-25&practitioner=kit"
    assert page.find("a", rel="prev")["href"] == "/staff/calendar?day=2026-11-23&practitioner=kit"
    week = desk.get(f"/staff/calendar?day={TUESDAY}&practitioner=kit&view=week")
    assert text_of(week.h1) == "Mon 23 Nov to Sun 29 Nov 2026"
    assert len(week.select(".lane")) == 7
    assert week.find("a", rel="next")["href"] == "/staff/calendar?day=2026-11-30&view=week&practitioner=kit"
    everyone = desk.get("/staff/calendar?view=week")
    assert "9:00 am" not in everyone.select_one(".week-of-all").text
    assert "Alex Placeholder" in everyone.select_one(".week-of-all").text
    assert len(everyone.select(".week-day")) == 7


@pytest.mark.parametrize(
    "query", ["day=", "day=0001-01-01", "day=9999-12-31", "day=x", "day=2099-12-31", "day=2000-01-01&view=week"]
)
@pytest.mark.parametrize("view", ["", "&view=week", "&practitioner=robin", "&practitioner=nobody%00"])
def test_no_address_at_all_is_an_error(desk, query, view):
    desk.get(f"/staff/calendar?{query}{view}")


@pytest.mark.parametrize(("day", "rows"), [("2026-10-04", 23), ("2027-04-04", 25)])
def test_days_on_which_clocks_change_have_as_many_rows_as_hours(desk, clinic, day, rows):
    from datetime import time

    with database.transaction():
        profiles.save_practitioner("robin", hours={6: [(time(0), time(0))]})
    page = desk.get(f"/staff/calendar?day={day}&practitioner=robin")
    assert len(page.select(".board-hours li")) == rows
    labels = texts(page.select(".board-hours li"))
    assert labels[1:4] == (["1 am", "3 am", "4 am"] if rows == 23 else ["1 am", "2 am", "2 am"])


def test_a_board_reaches_to_the_second_of_two_times_at_which_all_is_over(desk, book, clinic):
    made = book(date(2027, 4, 4), "02:00", service=clinic.check, by=appointments.STAFF, override="A night race")
    page = desk.get("/staff/calendar?day=2027-04-04&practitioner=robin")
    assert texts(page.select(".board-hours li")) == ["2 am", "2 am"]
    assert page.find(id=f"appointment-{made.id}")["class"][-4:] == ["h-0", "r-0", "hs-1", "rs-0"]


def test_a_practitioner_sees_their_own_calendar_only(own, book, clinic):
    book()
    book(TUESDAY, practitioner=clinic.kit, patient=LEE)
    for view in ("", "&practitioner=kit", "&view=week", "&view=week&practitioner=kit"):
        page = own.get(f"/staff/calendar?day={TUESDAY}{view}")
        assert "Lee Invented" not in page.text
        assert "Kit Example" not in page.text
    assert "Alex Placeholder" in own.get("/staff/calendar").text


def test_a_practitioner_without_an_entry_is_told_what_to_do(staff, clinic):
    page = Desk(staff("practitioner")).get("/staff/calendar")
    assert "You have no calendar yet" in page.text


def test_editors_do_not_see_the_calendar(staff, clinic):
    assert staff("editor").get("/staff/calendar").status_code == 403


@pytest.mark.parametrize("query", ["", "?view=week", "?view=week&practitioner=robin"])
def test_a_page_takes_the_same_few_queries_however_many_appointments(desk, clinic, query):
    with noted() as few:
        desk.get(f"/staff/calendar{query}")
    start = clock.instant_of(MONDAY)
    keep_in_a_row(clinic, start, 400)
    with noted() as many:
        desk.get(f"/staff/calendar{query}")
    assert len(few) == len(many), many


def test_now_is_what_the_tests_say(clinic):
    assert clock.now() == NOW
