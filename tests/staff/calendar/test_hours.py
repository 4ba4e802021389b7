"""Weekly hours, time off, extra hours and closures, and the appointments that a change would strand."""

from datetime import date, time

import pytest

from clinic_app import clock, database
from clinic_app.booking import availability, hours, profiles
from clinic_app.booking.models import HoursException
from clinic_app.extensions import db
from clinic_app.staff.calendar.fields import read_time
from tests.reading import text_of, texts, trail

from ..conftest import is_told_gone
from .conftest import LEE, MONDAY, TUESDAY, Desk, flashes

EXTRA = {"kind": "extra_hours", "first": "2026-11-24", "starts": "18:00", "ends": "20:00"}
FULL = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "9:00-12:00, 13:00-17:00")


def path_of(practitioner) -> str:
    return f"/staff/calendar/hours/{practitioner.id}"


def weekly(practitioner) -> dict:
    db.session.rollback()
    return hours.weekly([practitioner])[practitioner.id]


def exceptions() -> list[HoursException]:
    db.session.rollback()
    return list(db.session.scalars(db.select(HoursException)))


def go_on(desk, page):
    """Press the button that saves all the same."""
    form = page.select_one(".desk-main form")
    typed = {field["name"]: field["value"] for field in form.select("input")}
    return desk.post(form["action"], **typed)


def test_weekly_hours_are_seen_and_changed(desk, clinic):
    page = desk.get("/staff/calendar/hours")
    assert "9:00 am to 12:00 pm, 1:00 pm to 5:00 pm" in page.select_one(".hours-cards").text
    page = desk.get(path_of(clinic.robin))
    assert page.find(id="monday")["value"] == "09:00-12:00, 13:00-17:00"
    page = desk.post(
        path_of(clinic.robin), **FULL | {"monday": "8-12.30, 1:15 pm to 6pm", "friday": ""}, saturday="22:00-02:00"
    )
    assert flashes(page) == ["Saved the weekly hours."]
    week = weekly(clinic.robin)
    assert week[0] == [(time(8), time(12, 30)), (time(13, 15), time(18))]
    assert (week[4], week[5]) == ([], [(time(22), time(2))])
    assert trail() == [("changed the hours of", "practitioner", clinic.robin.id)]


@pytest.mark.parametrize("wrong", ["9", "9-", "12:00-9:00, 13:00-17:00", "9-12, 11-14", "9-25", "x-y", "9; 13-17"])
def test_hours_that_cannot_be_read_come_back_as_typed(desk, clinic, wrong):
    page = desk.post(path_of(clinic.robin), status=200, **FULL | {"monday": wrong})
    assert page.title.text.startswith("Error: ")
    assert "Enter the hours of Monday in order, like" in page.find(role="alert").text
    assert weekly(clinic.robin)[0] == [(time(9), time(12)), (time(13), time(17))]


def test_new_hours_that_strand_appointments_list_them_first(desk, book, clinic):
    made = book(TUESDAY, "15:00")
    page = desk.post(path_of(clinic.robin), status=200, **FULL | {"tuesday": "9-12"})
    assert page.h1.text == "1 appointment would be outside hours"
    assert "Tue 24 Nov, 3:00 pm" in text_of(page)
    assert page.select_one(".desk-main .chip").text == "Booked"
    assert len(weekly(clinic.robin)[1]) == 2
    page = go_on(desk, page)
    assert flashes(page) == ["Saved the weekly hours."]
    assert weekly(clinic.robin)[1] == [(time(9), time(12))]
    outside = page.find("section", {"aria-labelledby": "outside-title"})
    assert outside.find("a", href=f"/staff/appointments/{made.id}/move")
    assert made.status == "booked"


def test_an_appointment_that_came_between_is_asked_about_too(desk, book, clinic):
    book(TUESDAY, "15:00")
    page = desk.post(path_of(clinic.robin), status=200, **FULL | {"tuesday": "9-12"})
    book(TUESDAY, "16:00", patient=LEE)
    form = page.select_one(".desk-main form")
    typed = {field["name"]: field["value"] for field in form.select("input")}
    page = desk.post(form["action"], status=200, **typed)
    assert page.h1.text == "2 appointments would be outside hours"
    go_on(desk, page)
    assert weekly(clinic.robin)[1] == [(time(9), time(12))]


def test_hours_that_another_saves_while_the_question_stands_are_seen_first(desk, book, clinic):
    book(TUESDAY, "15:00")
    shown = desk.get(path_of(clinic.robin)).find(id="shown")["value"]
    question = desk.post(path_of(clinic.robin), status=200, **FULL | {"tuesday": "9-12", "shown": shown})
    with database.transaction():
        profiles.save_practitioner("robin", hours={1: [(time(8), time(17))]})
    form = question.select_one(".desk-main form")
    page = desk.post(form["action"], status=200, **{each["name"]: each["value"] for each in form.select("input")})
    assert "Someone else has changed this meanwhile" in page.text
    assert page.find(id="tuesday")["value"] == "9-12"
    assert weekly(clinic.robin)[1] == [(time(8), time(17))]


def test_time_off_is_added_with_what_it_strands_and_removed(desk, book, clinic, at):
    book(TUESDAY, "15:00")
    typed = {"kind": "time_off", "first": TUESDAY, "reason": "Course"}
    page = desk.post(f"{path_of(clinic.robin)}/exceptions", status=200, **typed)
    assert page.h1.text == "1 appointment would be outside hours"
    assert exceptions() == []
    page = go_on(desk, page)
    assert flashes(page) == ["Added: time off, Tue 24 Nov 2026."]
    (off,) = exceptions()
    assert (off.starts_at, off.ends_at, off.reason) == (*hours.between(TUESDAY, TUESDAY), "Course")
    page = desk.post(f"{path_of(clinic.robin)}/exceptions/{off.id}/remove")
    assert flashes(page) == ["Removed."]
    assert exceptions() == []
    assert [action for action, *_ in trail()] == ["added time off to", "removed time off from"]


@pytest.mark.parametrize(
    ("last", "until"), [("", "the end of the day"), ("2026-11-25", "the end of Wed 25 Nov 2026")]
)
def test_midnight_ends_the_last_day_as_the_page_says(desk, clinic, last, until):
    path = path_of(clinic.robin)
    assert desk.get(path).find(id="ends-hint").text.startswith("Left empty, or midnight: to the end of the day.")
    typed = {"kind": "time_off", "first": TUESDAY, "starts": "22:00", "last": last, "ends": "00:00"}
    assert flashes(desk.post(f"{path}/exceptions", **typed)) == [
        f"Added: time off, Tue 24 Nov 2026, 10:00 pm to {until}."
    ]


def test_extra_hours_are_added_and_removing_them_may_strand(desk, book, clinic, at):
    typed = {"kind": "extra_hours", "first": "2026-11-28", "starts": "9:00", "ends": "12:00"}
    page = desk.post(f"{path_of(clinic.robin)}/exceptions", **typed)
    assert flashes(page) == ["Added: extra hours, Sat 28 Nov 2026, 9:00 am to 12:00 pm."]
    book(MONDAY.replace(day=28), "10:00")
    (extra,) = exceptions()
    page = desk.post(f"{path_of(clinic.robin)}/exceptions/{extra.id}/remove", status=200)
    assert page.h1.text == "1 appointment would be outside hours"
    go_on(desk, page)
    assert exceptions() == []


def test_extra_hours_over_several_days_are_at_the_same_time_on_each_and_closed_at_night(desk, clinic, at):
    path = f"{path_of(clinic.kit)}/exceptions"
    assert "Extra hours are at the same time on each of the days" in desk.get(path_of(clinic.kit)).text
    typed = EXTRA | {"first": "2026-12-14", "last": "2026-12-23", "nonce": "sent-twice"}
    page = desk.post(path, **typed, reason="Before the holidays")
    assert flashes(page) == [
        "Added: extra hours, Mon 14 Dec 2026 to Wed 23 Dec 2026, 6:00 pm to 8:00 pm each day."
    ]
    desk.post(path, **typed)
    days = [date(2026, 12, number) for number in range(14, 24)]
    assert [one.period for one in exceptions()] == [(at(day, "18:00"), at(day, "20:00")) for day in days]
    openings = availability.load(clinic.visit, practitioner=clinic.kit, first=days[1], last=days[2])
    told = {f"{clock.local(slot.starts_at):%d %H}" for slot in openings.slots()}
    assert told == {"15 09", "15 10", "15 11", "15 18", "15 19", "16 18", "16 19"}
    desk.post(f"{path}/{exceptions()[0].id}/remove")
    assert len(exceptions()) == 9
    assert [action for action, *_ in trail()] == ["added extra hours to", "removed extra hours from"]


def test_extra_hours_until_midnight_end_with_each_day(desk, clinic, at):
    typed = {"first": "2026-11-28", "last": "2026-11-29", "starts": "21:00", "ends": "0:00"}
    page = desk.post(f"{path_of(clinic.robin)}/exceptions", kind="extra_hours", **typed)
    assert "Sat 28 Nov 2026 to Sun 29 Nov 2026, 9:00 pm to 12:00 am each day" in flashes(page)[0]
    assert [one.ends_at for one in exceptions()] == [
        at(date(2026, 11, 29), "00:00"),
        at(date(2026, 11, 30), "00:00"),
    ]


def test_a_day_on_which_clocks_skip_extra_hours_has_none(desk, clinic):
    path = f"{path_of(clinic.robin)}/exceptions"
    typed = {"kind": "extra_hours", "first": "2027-10-03", "starts": "2:00", "ends": "3:00"}
    page = desk.post(path, status=200, **typed)
    assert "clocks go forward then and skip these" in page.find(role="alert").text
    page = desk.post(path, **typed, last="2027-10-04")
    assert flashes(page) == ["Added: extra hours, Mon 4 Oct 2027, 2:00 am to 3:00 am."]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "Enter the first day"),
        ({"first": "2026-11-24", "last": "2026-11-23"}, "Choose an end that is later"),
        ({"first": "2026-11-24", "starts": "12:00", "ends": "12:00"}, "Choose an end that is later"),
        ({"first": "2026-11-24", "starts": "x"}, "Enter the time as"),
        ({"first": "0001-01-01"}, "Enter the first day as a date"),
        ({"first": "2025-11-24"}, "Choose a day that is not over yet"),
        (EXTRA | {"first": "2025-11-24"}, "Choose a day that is not over yet"),
        ({"first": "2026-11-24", "kind": "closure"}, "Choose time off or extra hours"),
        ({"first": "2026-11-24", "reason": "x" * 201}, "Shorten the reason"),
        (EXTRA | {"starts": ""}, "Enter the time at which the extra hours of each day start"),
        (EXTRA | {"ends": ""}, "Enter the time at which the extra hours of each day end"),
        (EXTRA | {"ends": "18:00"}, "Choose an end that is later than the start"),
        (EXTRA | {"last": "2026-11-25", "ends": "2:00"}, "Add hours after midnight on the next day"),
        (EXTRA | {"last": "2026-11-23"}, "Choose a last day within 92 days"),
        (EXTRA | {"last": "2027-12-24"}, "Choose a last day within 92 days"),
    ],
)
def test_periods_with_mistakes_come_back(desk, clinic, typed, message):
    page = desk.post(f"{path_of(clinic.robin)}/exceptions", status=200, **{"kind": "time_off", **typed})
    assert message in page.find(role="alert").text
    assert exceptions() == []


def test_the_clinic_is_closed_and_opened_again(desk, book, clinic):
    book(TUESDAY, "15:00")
    book(TUESDAY, "09:00", practitioner=clinic.kit, patient=LEE)
    typed = {"first": TUESDAY, "last": "2026-11-25", "reason": "Painting"}
    page = desk.post("/staff/calendar/closures", status=200, **typed)
    assert page.h1.text == "2 appointments would be outside hours"
    page = go_on(desk, page)
    assert flashes(page) == ["Added: closed Tue 24 Nov 2026 to Wed 25 Nov 2026."]
    assert "Painting" in page.text and "Christmas Day" in page.text
    outside = page.find("section", {"aria-labelledby": "outside-title"})
    assert texts(outside.select(".row-main a")) == ["Tue 24 Nov, 9:00 am", "Tue 24 Nov, 3:00 pm"]
    (number,) = (closure.id for closure in exceptions())
    desk.post(f"/staff/calendar/closures/{number}/remove")
    assert exceptions() == []
    assert is_told_gone(desk.client, f"/staff/calendar/closures/{number}/remove")
    assert [action for action, *_ in trail()] == ["closed the clinic", "opened the clinic again"]


def test_a_practitioner_changes_their_own_hours_only_and_never_closures(own, clinic, at):
    with database.transaction():
        kits = hours.take_time_off(clinic.kit, hours.between(TUESDAY, TUESDAY))
        closure = hours.close_clinic(hours.between(TUESDAY, TUESDAY))
    assert texts(own.get("/staff/calendar/hours").select(".hours-cards h2")) == ["Robin Sample"]
    own.get(path_of(clinic.kit), status=404)
    mine, theirs = path_of(clinic.robin), path_of(clinic.kit)
    for path in (
        theirs,
        f"{theirs}/exceptions",
        f"{theirs}/exceptions/{kits.id}/remove",
        f"{mine}/exceptions/{kits.id}/remove",
        f"{mine}/exceptions/{closure.id}/remove",
    ):
        assert is_told_gone(own.client, path, {"first": TUESDAY, "kind": "time_off"}), path
    assert own.client.get("/staff/calendar/closures").status_code == 403
    assert own.client.post(f"/staff/calendar/closures/{closure.id}/remove").status_code == 403
    own.post(mine, **FULL)
    own.post(f"{mine}/exceptions", kind="time_off", first=TUESDAY)
    assert len(exceptions()) == 3
    assert "Closures" not in own.get("/staff/calendar").text


@pytest.mark.parametrize("number", [0, 999, 2**31, 2**63])
def test_numbers_that_nothing_has_are_not_found(desk, clinic, number):
    desk.get(f"/staff/calendar/hours/{number}", status=404)
    for path in (
        f"hours/{number}/exceptions/1/remove",
        f"hours/1/exceptions/{number}/remove",
        f"closures/{number}/remove",
    ):
        assert is_told_gone(desk.client, f"/staff/calendar/{path}")


def test_an_exception_of_one_is_not_removed_under_another(desk, clinic):
    with database.transaction():
        kits = hours.take_time_off(clinic.kit, hours.between(TUESDAY, TUESDAY))
    assert is_told_gone(desk.client, f"{path_of(clinic.robin)}/exceptions/{kits.id}/remove")
    assert is_told_gone(desk.client, f"/staff/calendar/closures/{kits.id}/remove")
    assert len(exceptions()) == 1


@pytest.mark.parametrize(
    ("text", "wall"),
    [
        ("9", "09:00"),
        ("9:30", "09:30"),
        ("9.30 PM", "21:30"),
        ("12am", "00:00"),
        ("12 pm", "12:00"),
        ("24:00", "00:00"),
    ],
)
def test_times_are_read_as_people_write_them(text, wall):
    assert read_time(text) == time.fromisoformat(wall)


@pytest.mark.parametrize("text", ["", "x", "24:01", "13 pm", "0 am", "9:5", "9:60", "-1", "٩"])
def test_what_is_no_time_is_not_read(text):
    assert read_time(text) is None


def test_a_page_of_hours_takes_the_same_few_queries_however_many_practitioners(desk, clinic):
    from tests.queries import noted

    with noted() as few:
        desk.get("/staff/calendar/hours")
    with database.transaction():
        for number in range(10):
            profiles.save_practitioner(
                f"p{number}", name=f"Pat Pretend {number}", hours={0: [(time(9), time(12))]}
            )
    with noted() as many:
        desk.get("/staff/calendar/hours")
    assert len(few) == len(many), "\n".join(many)


def test_reception_of_no_practitioner_sees_the_hours(staff, clinic):
    assert "Robin Sample" in Desk(staff("owner")).get("/staff/calendar/hours").text
