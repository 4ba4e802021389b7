"""What is pressed on a page of an appointment that somebody else has changed since: it does nothing unseen."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from clinic_app import database
from clinic_app.booking import appointments, requests
from tests.reading import actions, all_appointments, only_appointment, text_of, texts

from .conftest import MONDAY, TUESDAY, flashes, mails, page_of

WEDNESDAY = date(2026, 11, 25)
IN_TIME = datetime(2026, 11, 20, tzinfo=UTC)  # patients move nothing on its very day


def form_of(page, what: str) -> dict:
    """What the form of this name (the last part of its address) sends beside what is typed."""
    (form,) = (form for form in page.select("form") if form["action"].endswith(f"/{what}"))
    return {each["name"]: each["value"] for each in form.select("[type=hidden]")}


def news(page) -> list[str]:
    return texts(page.select(".notice .history li"))


def patient_moves(appointment, to) -> None:
    with time_machine.travel(IN_TIME), database.transaction():
        appointments.reschedule(appointment, starts_at=to)


def done() -> list[str]:
    return [action for action in actions() if action != "opened"]


def test_what_the_patient_has_moved_is_seen_before_it_is_answered_or_ended(desk, asked, made, at):
    pages = {one.id: desk.get(page_of(one)) for one in (asked, made)}
    patient_moves(asked, at(TUESDAY, "15:00"))
    patient_moves(made, at(WEDNESDAY, "09:00"))
    queued = mails()
    for one, what in ((asked, "accept"), (asked, "decline"), (made, "cancel"), (made, "arrived")):
        page = desk.post(f"{page_of(one)}/{what}", status=200, **form_of(pages[one.id], what), reason="Unwell.")
        (told,) = news(page)
        assert told.startswith("Moved by the patient from Mon 23 Nov,"), what
    assert [one.status for one in all_appointments()] == ["requested", "booked"]
    assert (mails(), done()) == (queued, [])


def test_the_page_that_tells_it_offers_the_same_on_what_stands_now(desk, made, at):
    seen = form_of(desk.get(page_of(made)), "cancel")
    patient_moves(made, at(WEDNESDAY, "09:00"))
    page = desk.post(f"{page_of(made)}/cancel", status=200, reason="Robin is unwell.", **seen)
    assert text_of(page.h1) == "Wed 25 Nov, 9:00 am"
    assert page.select_one(".ending").has_attr("open")
    assert page.select_one("#reason").text.strip() == "Robin is unwell."
    page = desk.post(f"{page_of(made)}/cancel", reason="Robin is unwell.", **form_of(page, "cancel"))
    assert flashes(page) == ["Cancelled. The patient gets no email."]
    assert only_appointment().status == "cancelled"


def test_a_move_does_not_override_one_that_nobody_has_seen(desk, made, at):
    move = f"{page_of(made)}/move"
    seen = form_of(desk.get(move), "move")
    patient_moves(made, at(WEDNESDAY, "09:00"))
    page = desk.post(move, status=200, to="2026-11-23T0930 robin", **seen)
    assert "to Wed 25 Nov, 9:00 am" in news(page)[0]
    assert "Wednesday 25 November" in text_of(page.select_one(".appointment-summary"))
    assert only_appointment().starts_at == at(WEDNESDAY, "09:00")
    desk.post(move, to="2026-11-23T0930 robin", **form_of(page, "move"))
    assert only_appointment().starts_at == at(MONDAY, "09:30")


def test_looking_for_times_tells_it_too(desk, made, asked, at):
    for one, what in ((made, "move"), (asked, "offer")):
        seen = form_of(desk.get(f"{page_of(one)}/{what}"), what)
        patient_moves(one, at(WEDNESDAY, "09:00" if one is made else "14:00"))
        look = {"look": "1", "practitioner": "robin"}
        page = desk.post(f"{page_of(one)}/{what}", status=200, **look, **seen)
        assert "Moved by the patient" in news(page)[0]
        assert news(desk.post(f"{page_of(one)}/{what}", status=200, **look, **form_of(page, what))) == []


def test_times_that_a_colleague_offers_are_not_replaced_unseen(desk, own, asked):
    offer = f"{page_of(asked)}/offer"
    seen = form_of(desk.get(offer), "offer")
    own.post(offer, times=["2026-11-24T0930 robin"], practitioner="robin", **form_of(own.get(offer), "offer"))
    page = desk.post(offer, status=200, times=["2026-11-25T1000 robin"], practitioner="robin", **seen)
    assert "Other times offered by Casey Invented" in news(page)[0]
    assert "Tue 24 Nov, 9:30 am with Robin Sample" in news(page)[0]
    assert [box["value"] for box in page.select("input[checked]")] == ["2026-11-25T1000 robin"]
    assert [f"{one.starts_at:%d %H:%M}" for one in only_appointment().offered] == ["23 22:30"]
    assert mails()[2:] == ["offered"]


def test_a_mark_that_a_colleague_has_made_is_not_turned_over_unseen(desk, own, made, travel, at):
    travel.move_to(at(MONDAY, "10:05"))
    seen = form_of(desk.get(page_of(made)), "no-show")
    own.post(f"{page_of(made)}/arrived", **form_of(own.get(page_of(made)), "arrived"))
    page = desk.post(f"{page_of(made)}/no-show", status=200, **seen)
    assert news(page)[0].startswith("Marked as arrived by Casey Invented")
    assert only_appointment().status == "fulfilled"
    desk.post(f"{page_of(made)}/no-show", **form_of(page, "no-show"))
    assert only_appointment().status == "noshow"


def test_the_calendars_own_button_marks_only_what_the_calendar_showed(desk, made, travel, at):
    seen = form_of(desk.get("/staff/calendar"), "arrived")
    patient_moves(made, at(MONDAY, "15:00"))
    travel.move_to(at(MONDAY, "14:30"))
    page = desk.post(f"{page_of(made)}/arrived", status=200, **seen)
    assert "to Mon 23 Nov, 3:00 pm" in news(page)[0]
    assert only_appointment().status == "booked"
    desk.post(f"{page_of(made)}/arrived", **form_of(desk.get("/staff/calendar"), "arrived"))
    assert only_appointment().status == "fulfilled"


def test_what_was_undone_again_stands_as_it_was_seen(desk, own, asked):
    before = form_of(desk.get(page_of(asked)), "accept")
    page = own.post(f"{page_of(asked)}/offer", times=["2026-11-24T0930 robin"], practitioner="robin")
    between = form_of(desk.get(page_of(asked)), "accept")
    own.undo(page)
    page = desk.post(f"{page_of(asked)}/accept", status=200, **between)
    assert "Other times offered by Casey Invented" in news(page)[0] and "Undone by" in news(page)[0]
    desk.post(f"{page_of(asked)}/accept", **before)
    assert only_appointment().status == "booked"


def test_what_was_answered_meanwhile_is_told_where_nothing_can_be_done_any_more(desk, asked, clinic, at):
    with database.transaction():
        requests.offer(asked, times=[(clinic.robin, at(TUESDAY, "09:00"))])
    seen = form_of(desk.get(page_of(asked)), "decline")
    with database.transaction():
        requests.choose(asked, practitioner=clinic.robin, starts_at=at(TUESDAY, "09:00"))
    page = desk.post(f"{page_of(asked)}/decline", status=200, **seen)
    assert news(page)[0].startswith("Took an offered time by the patient Tue 24 Nov, 9:00 am")
    assert only_appointment().status == "booked"


@pytest.mark.parametrize("seen", ["", "x", "9" * 5_000, f"{2**40}"])
def test_a_form_that_does_not_say_what_it_was_made_from_is_taken_as_it_comes(desk, made, seen):
    desk.post(f"{page_of(made)}/cancel", seen=seen)
    assert only_appointment().status == "cancelled"
