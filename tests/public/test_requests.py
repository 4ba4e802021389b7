"""What the page behind its link tells of a request, from asking to the answer or the lack of one."""

from datetime import timedelta

import pytest

from clinic_app import database
from clinic_app.booking import appointments as domain
from clinic_app.booking import requests
from tests.reading import all_appointments, only_appointment, parsed

from .conftest import MONDAY, TUESDAY, at, offer, texts

WEDNESDAY, THURSDAY = MONDAY + timedelta(days=2), MONDAY + timedelta(days=3)
CHECK = "/book/check/robin/2026-11-25T1000"


def main_of(page) -> str:
    return " ".join(page.main.get_text().split())


def test_a_request_says_that_it_waits(visitor):
    page = visitor.get(visitor.book(CHECK))
    assert page.h1.text == "We have your request"
    assert "within one working day. We’ll email you either way" in main_of(page)
    assert not page.select("a[href$='.ics']")


def test_a_request_for_a_time_within_a_day_asks_to_call_rather_than_to_wait(visitor):
    page = visitor.get(visitor.book("/book/check/robin/2026-11-23T1000"))
    assert "working day" not in page.text
    assert "please call us on 02 5550 0142 before you set out" in main_of(page)


def test_one_of_the_offered_times_is_chosen(visitor):
    link = visitor.book(CHECK)
    offer(at(WEDNESDAY, "14:00"), at(WEDNESDAY, "16:00"))
    page = visitor.get(link)
    assert page.h1.text == "Choose another time"
    assert texts(page.select(".pick")) == [
        "Wed 25 Nov 2:00 pm with Robin Sample",
        "Wed 25 Nov 4:00 pm with Robin Sample",
    ]
    assert texts(page.select(".managing-rules h2, .managing-list")) == [
        "None of these suit you?",
        "Choose any other time Cancel the request",
    ]
    button = page.select(".pick")[1]
    for _ in range(2):
        answer = visitor.client.post(page.form["action"], data={button["name"]: button["value"]})
        assert visitor.get(answer.location).h1.text == "Your appointment is booked"
    assert (only_appointment().status, only_appointment().starts_at) == ("booked", at(WEDNESDAY, "16:00"))


def test_an_offered_time_that_has_gone_leaves_the_others(visitor):
    link = visitor.book(CHECK)
    offer(at(WEDNESDAY, "14:00"), at(WEDNESDAY, "16:00"))
    button = visitor.get(link).select(".pick")[0]
    visitor.book("/book/visit/robin/2026-11-25T1400", email="jo@example.org", phone="")
    answer = visitor.client.post(f"{link}/choose", data={"offered": button["value"]})
    assert answer.status_code == 409
    assert "isn’t free any more. Choose another one." in answer.text
    assert texts(parsed(answer.text).select(".pick")) == ["Wed 25 Nov 4:00 pm with Robin Sample"]
    assert all_appointments()[0].status == "requested"


def test_a_time_that_is_offered_no_more_is_never_taken_for_one_that_is(visitor):
    """Where the old times are removed first, SQLite gives the new ones their numbers."""
    link = visitor.book(CHECK)
    offer(at(WEDNESDAY, "14:00"))
    button = visitor.get(link).select_one(".pick")
    with database.transaction():
        domain.reschedule(only_appointment(), starts_at=at(WEDNESDAY, "11:00"), by="staff")
    offer(at(THURSDAY, "16:00"))
    answer = visitor.client.post(f"{link}/choose", data={"offered": button["value"]})
    assert (answer.status_code, only_appointment().status) == (409, "requested")


def test_when_all_offered_times_have_gone_any_other_can_be_asked_for(visitor, travel):
    link = visitor.book(CHECK)
    offer(at(MONDAY, "14:00"), at(WEDNESDAY, "14:00"))
    button = visitor.get(link).select(".pick")[1]
    visitor.book("/book/visit/robin/2026-11-25T1430", email="jo@example.org", phone="")
    travel.move_to(at(MONDAY, "14:30"))
    answer = visitor.client.post(f"{link}/choose", data={"offered": button["value"]})
    assert "Choose another one" not in answer.text
    page = visitor.get(link)
    assert "and the times we offered you instead have gone" in main_of(page)
    assert not page.select(".pick")
    assert texts(page.select("main .button-main")) == ["Choose any other time"]


def test_an_offered_time_can_be_chosen_after_the_one_that_was_asked_for(visitor, travel):
    link = visitor.book(CHECK)
    offer(at(THURSDAY, "14:00"))
    for day, wall in ((WEDNESDAY, "10:20"), (THURSDAY, "09:00")):
        travel.move_to(at(day, wall))
        page = visitor.get(link)
        assert page.h1.text == "Choose another time"
        assert "too soon" not in page.text
    button = page.select_one(".pick")
    answer = visitor.client.post(page.form["action"], data={button["name"]: button["value"]})
    assert visitor.get(answer.location).h1.text == "Your appointment is booked"


@pytest.mark.parametrize("offered", [False, True])
def test_a_request_that_nobody_confirmed_in_time_says_so_and_what_to_do(visitor, travel, offered):
    link = visitor.book(CHECK)
    if offered:
        offer(at(TUESDAY, "14:00"))
    for day, wall in ((WEDNESDAY, "10:20"), (THURSDAY, "09:00")):
        travel.move_to(at(day, wall))
        page = visitor.get(link)
        assert page.h1.text == "Your request isn’t confirmed"
        assert "Call us on 02 5550 0142" in main_of(page)
        assert "too soon" not in page.text
    assert page.select_one(".managing-again a")["href"] == "/book/check/robin"


def test_a_request_is_called_one_until_it_is_cancelled(visitor):
    link = visitor.book(CHECK)
    for _ in range(2):
        assert "appointment" not in texts(visitor.get(link).select(".managing-rules"))[0]
        page = visitor.get(f"{link}/cancel")
        assert page.h1.text == "Cancel this request?"
        assert texts(page.select(".booking-head a, .managing-form button")) == [
            "Keep the request",
            "Ask for that",
            "Cancel the request",
        ]
        offer(at(WEDNESDAY, "14:00"))
    answer = visitor.client.post(f"{link}/cancel")
    assert visitor.get(answer.location).h1.text == "This request is cancelled"


@pytest.mark.parametrize("data", [{}, {"offered": ""}, {"offered": "\x00"}, {"offered": "2026-11-25T1500 robin"}])
def test_choosing_what_is_not_offered_says_that_it_has_gone(visitor, data):
    link = visitor.book(CHECK)
    for _ in range(2):
        answer = visitor.client.post(f"{link}/choose", data=data)
        assert answer.status_code == 409
        page = parsed(answer.text)
        assert "isn’t free any more" in page.find(attrs={"role": "alert"}).text
        offer(at(WEDNESDAY, "14:00"))
    assert only_appointment().status == "requested"


def test_an_offered_time_that_has_passed_has_gone(visitor, travel):
    link = visitor.book(CHECK)
    offer(at(MONDAY, "14:00"), at(WEDNESDAY, "14:00"))
    button = visitor.get(link).select(".pick")[0]
    travel.move_to(at(MONDAY, "14:30"))
    assert visitor.client.post(f"{link}/choose", data={"offered": button["value"]}).status_code == 409


def test_what_staff_declined_says_so_with_their_reason(visitor):
    link = visitor.book(CHECK)
    with database.transaction():
        requests.decline(domain.made_with(only_appointment().nonce), reason="The treadmill is being repaired.")
    page = visitor.get(link)
    assert "we couldn’t offer you this time" in page.text
    assert "The treadmill is being repaired." in page.text


@pytest.mark.parametrize(("service", "by"), [("check", "By sending this request"), ("visit", "By booking")])
def test_a_form_says_what_agrees_to_the_privacy_notice(visitor, service, by):
    page = visitor.get(f"/book/{service}/robin/2026-11-25T1000")
    assert f"{by} you agree to our privacy notice." in page.main.text
