"""The list of requests: what waits for the clinic's answer, and what for the patient's."""

from datetime import date, timedelta

import pytest

from clinic_app import database
from clinic_app.booking import requests
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db
from clinic_app.lists import keyset
from tests.booking import make
from tests.queries import count
from tests.reading import texts

from .conftest import MONDAY, NOW, TUESDAY, flashes, page_of

LIST, OFFERED = "/staff/calendar/requests", "/staff/calendar/requests?state=offered"
FRIDAY, NEXT_FRIDAY = date(2026, 11, 27), date(2026, 12, 4)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ask(clinic, at):
    """Somebody of this name asks for an hour of Robin's: on that day, so long ago."""

    def ask(name, day, wall="14:00", *, ago=HOUR, **columns):
        of_check = {"service_id": clinic.check.id, "status": "requested", "told_at": NOW - ago}
        (number,) = make.keep(make.row(clinic, at(day, wall), name=name, **(of_check | columns)))
        return db.session.get_one(Appointment, number)

    return ask


def offer(appointment, clinic, *times):
    with database.transaction():
        requests.offer(appointment, times=[(clinic.robin, each) for each in times])


def rows(page) -> list[str]:
    return texts(page.select("main .row"))


def names(page) -> list[str]:
    return texts(page.select(".row-main bdi"))


def test_all_that_wait_for_an_answer_are_listed_the_most_urgent_first(desk, ask, book):
    book(FRIDAY, "10:00")  # booked at once, so nobody waits
    later = ask("Jo Fictional", FRIDAY, ago=3 * HOUR, is_new=True)
    ask("Pat Pretend", MONDAY - 3 * DAY, ago=5 * DAY)
    ask("Lee Invented", NEXT_FRIDAY, ago=2 * DAY)
    ask("Max Madeup", FRIDAY, "09:00", ago=3 * DAY)
    ask("Kit Example", TUESDAY, "09:00", ago=timedelta(minutes=5))
    page = desk.get(LIST)
    assert texts(page.select(".tabs a")) == ["To confirm 5", "Times offered 0"]
    assert names(page) == ["Kit Example", "Max Madeup", "Lee Invented", "Pat Pretend", "Jo Fictional"]
    assert "Those that start within a day come first" in page.main.text
    assert [row.select_one(".chip").text for row in page.select(".row")] == [
        "Starts within a day",
        "Overdue: waiting 3 days",
        "Overdue: waiting 2 days",
        "Its time has come",
        "Waiting 3 hours",
    ]
    assert rows(page)[4] == (
        "Jo Fictional Fri 27 Nov, 2:00 pm , Running check with Robin Sample, new patient "
        "Waiting since Mon 23 Nov, 6:20 am Waiting 3 hours Confirm : Jo Fictional"
    )
    assert {link["href"] for link in page.select(".row")[4].select("a")} == {page_of(later)}


def test_those_whose_time_came_without_an_answer_are_told_apart_for_a_month(desk, ask):
    ask("Kit Example", TUESDAY)
    ask("Lee Invented", MONDAY - 3 * DAY, ago=5 * DAY)
    ask("Jo Fictional", MONDAY - 31 * DAY, ago=40 * DAY)
    page = desk.get(LIST)
    assert names(page) == ["Lee Invented", "Kit Example"]
    assert "Its time has come Answer : Lee Invented" in rows(page)[0]


def test_those_that_wait_for_the_patient_have_a_list_of_their_own(desk, ask, clinic, at):
    offer(ask("Lee Invented", FRIDAY), clinic, at(TUESDAY, "09:00"), at(NEXT_FRIDAY, "11:00"))
    assert "Nothing to confirm" in desk.get(LIST).main.text
    page = desk.get(OFFERED)
    assert texts(page.select(".tabs a")) == ["To confirm 0", "Times offered 1"]
    assert "These wait for the patient" in page.main.text
    (row,) = rows(page)
    assert "the last time offered is Fri 4 Dec, 11:00 am Waits for the patient Look at it" in row


def test_a_request_waits_for_us_again_once_the_last_of_its_offers_has_come(desk, ask, clinic, at, travel):
    offer(ask("Lee Invented", NEXT_FRIDAY), clinic, at(MONDAY, "11:00"))
    travel.move_to(at(MONDAY, "11:00"))
    assert names(desk.get(LIST)) == ["Lee Invented"]
    assert "Nobody has times to choose from" in desk.get(OFFERED).main.text


def test_a_practitioner_sees_requests_for_themselves_only(own, ask, clinic):
    ask("Lee Invented", FRIDAY)
    ask("Kit Example", TUESDAY, "09:00", practitioner_id=clinic.kit.id)
    page = own.get(LIST)
    assert names(page) == ["Lee Invented"]
    assert texts(page.select(".tabs a"))[0] == "To confirm 1"


def test_a_long_list_has_pages_in_both_directions(desk, ask):
    urgent = [f"Sample {number}" for number in range(10)]
    for number, name in enumerate(urgent):
        ask(name, NEXT_FRIDAY + (keyset.SIZE + number) * DAY, "12:00", ago=2 * DAY)
    ask("Kit Example", MONDAY - 3 * DAY)
    can_wait = [f"Example {number}" for number in range(keyset.SIZE)]
    for number, name in enumerate(can_wait):
        ask(name, NEXT_FRIDAY + number * DAY, "12:00")
    first = desk.get(LIST)
    second = desk.get(first.select_one("[rel=next]")["href"])
    assert names(first) + names(second) == [*urgent, "Kit Example", *can_wait]
    assert not first.select("[rel=prev]") and not second.select("[rel=next]")
    assert names(desk.get(second.select_one("[rel=prev]")["href"])) == names(first)


def test_an_appointment_leads_back_to_the_list_that_it_stands_in_also_once_it_is_answered(
    desk, ask, book, clinic, at
):
    def back(appointment) -> str | None:
        link = desk.get(page_of(appointment)).select_one(f".staff-head [href^='{LIST}']")
        return link and link["href"]

    asked, booked = ask("Lee Invented", FRIDAY), book()
    assert (back(asked), back(booked)) == (LIST, None)
    offer(asked, clinic, at(NEXT_FRIDAY, "11:00"))
    assert back(asked) == OFFERED
    page = desk.post(f"{page_of(asked)}/accept")
    assert flashes(page)[0].startswith("Accepted.")
    assert back(asked) == LIST


def test_the_calendar_leads_to_it(desk):
    assert desk.get("/staff/calendar").select_one(f".calendar-sum [href='{LIST}']")


def test_the_list_takes_as_many_queries_however_long_it_is(desk, ask):
    ask("Sample", NEXT_FRIDAY, "09:00")
    few = count(lambda: desk.get(LIST))
    for number in range(10):
        ask(f"Sample {number}", NEXT_FRIDAY + number * DAY, "12:00")
    assert count(lambda: desk.get(LIST)) == few


@pytest.mark.parametrize("query", ["state=x", "at=x", "at=o%FF", "state=offered&at=o"])
def test_any_address_of_it_is_answered(desk, ask, query):
    ask("Lee Invented", FRIDAY)
    desk.get(f"{LIST}?{query}")
