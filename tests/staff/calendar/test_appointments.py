"""One appointment's page, and what its buttons do."""

import re
from datetime import time, timedelta

import pytest

from clinic_app import clock, database
from clinic_app.booking import appointments, hours, lineup, profiles
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.reading import all_appointments, only_appointment, text_of, texts, trail

from ..conftest import is_told_gone
from .conftest import (
    LEE,
    MONDAY,
    NOW,
    TUESDAY,
    all_sent,
    flashes,
    last_mail,
    mail_page,
    mails,
    page_of,
)


def buttons(page) -> list[str]:
    return texts(page.select(".doings > a, .doings > form button, .doings > details > summary"))


def test_opening_an_appointment_is_in_the_trail(desk, made):
    page = desk.get(page_of(made))
    assert text_of(page.h1) == "Mon 23 Nov, 10:00 am"
    assert "(02) " in page.text or "0491 570 006" in page.text
    assert trail() == [("opened", "appointment", made.id)]


def test_who_writes_to_a_patients_address_writes_to_nobody_else(desk, book):
    sly = "kit%40mail.example?bcc=eve%40evil.example&x=@mail.example"
    made = book(patient=appointments.Patient(name="Kit Example", email=sly))
    to_staff = db.session.query(OutboxMail).filter_by(name="appointment_notice").first()
    to_patient = db.session.query(OutboxMail).filter_by(to_address=sly).one()
    (link,) = desk.get(page_of(made)).select("main a[href^=mailto]")
    assert link["href"] == "mailto:kit%2540mail.example%3Fbcc%3Deve%2540evil.example%26x%3D@mail.example"
    assert f'href="{link["href"]}"' in to_staff.html_body
    assert link["href"] in to_patient.calendar_text.replace("\r\n ", "")


def test_the_page_offers_what_can_be_done_just_now(desk, made, asked, travel, at):
    assert buttons(desk.get(page_of(made))) == ["Arrived", "Move", "Cancel"]
    assert buttons(desk.get(page_of(asked))) == ["Accept", "Offer other times", "Move", "Decline"]
    travel.move_to(at(MONDAY, "10:05"))
    assert buttons(desk.get(page_of(made))) == ["Arrived", "No-show", "Move", "Cancel"]
    desk.post(f"{page_of(made)}/arrived")
    assert buttons(desk.get(page_of(made))) == ["No-show after all", "Back to booked", "Book the next one"]


def test_a_reason_that_is_too_long_is_said_and_leads_nowhere_once_somebody_else_has_cancelled(desk, made):
    assert desk.post(f"{page_of(made)}/cancel", status=200, reason="x" * 5_000).select_one("#reason")
    desk.post(f"{page_of(made)}/cancel")
    page = desk.post(f"{page_of(made)}/cancel", reason="x" * 5_000)
    assert flashes(page) == ["Nothing was changed: this appointment has ended in the meantime."]


def test_cancelling_tells_the_patient_why_unless_that_is_not_wanted(desk, made):
    page = desk.post(f"{page_of(made)}/cancel", reason="Robin is unwell.", tell="y")
    assert flashes(page) == ["Cancelled. The patient gets an email."]
    assert only_appointment().cancel_reason == "Robin is unwell."
    assert mails()[3:] == ["cancelled", "notice"]
    page = desk.undo(page)
    assert flashes(page) == ["Undone."]
    assert (only_appointment().status, len(mails())) == ("booked", 3)
    assert "Undone by Casey Invented" in page.select_one(".history").text
    page = desk.post(f"{page_of(made)}/cancel")
    assert flashes(page) == ["Cancelled. The patient gets no email."]
    assert mails()[3:] == ["notice"]
    assert [action for action, *_ in trail() if action != "opened"] == ["cancelled", "undid", "cancelled"]


def test_a_reason_that_is_too_long_comes_back(desk, made):
    page = desk.post(f"{page_of(made)}/cancel", status=200, reason="x" * 501)
    assert page.title.text.startswith("Error: ")
    assert page.select_one(".ending").has_attr("open")
    assert only_appointment().status == "booked"


def test_a_request_is_accepted_declined_and_undone(desk, asked):
    page = desk.post(f"{page_of(asked)}/accept")
    assert flashes(page) == ["Accepted. The patient gets an email."]
    assert only_appointment().status == "booked"
    desk.undo(page)
    assert only_appointment().status == "requested"
    desk.post(f"{page_of(asked)}/decline", reason="No room", tell="y")
    assert only_appointment().status == "cancelled"
    page = desk.post(f"{page_of(asked)}/accept")
    assert "answered, cancelled or changed meanwhile" in flashes(page)[0]


@pytest.fixture(params=["closure", "time off", "last day", "weekly hours"])
def stranding(request, clinic, asked):
    """Hours change: Robin does not work on Monday afternoon any more."""
    with database.transaction():
        monday, robin = hours.between(MONDAY, MONDAY), db.session.get(type(clinic.robin), clinic.robin.id)
        if request.param == "closure":
            hours.close_clinic(monday)
        elif request.param == "time off":
            hours.take_time_off(robin, monday)
        elif request.param == "last day":
            lineup.leave(robin, last_day=MONDAY - timedelta(days=1))
        else:
            profiles.set_hours(robin, {0: [(time(9), time(12))]})


def test_a_request_that_hours_have_stranded_is_accepted_for_a_reason_only(desk, asked, stranding):
    page = desk.get(page_of(asked))
    assert page.find(id="outside-title").text.strip() == "Robin Sample doesn’t work at this time"
    page = desk.post(f"{page_of(asked)}/accept", status=200)
    assert "That time is outside hours. Give the reason, to go on anyway" in page.find(role="alert").text
    assert page.select_one(".ending").has_attr("open")
    assert (only_appointment().status, mails()) == ("requested", ["requested", "notice"])
    assert "Shorten" in desk.post(f"{page_of(asked)}/accept", status=200, override="x" * 501).text
    page = desk.post(f"{page_of(asked)}/accept", override="Robin comes in for it")
    assert flashes(page) == ["Accepted. The patient gets an email."]
    assert "outside hours: Robin comes in for it" in page.select_one(".history").text
    assert not page.find(id="outside-title"), "it is agreed"
    desk.undo(page)
    assert (only_appointment().status, only_appointment().override) == ("requested", None)


def test_what_is_booked_and_stranded_says_so_until_it_is_moved(desk, asked, made, travel, at):
    desk.post(f"{page_of(asked)}/accept", override="A reason that was not needed")
    assert all(one.override is None for one in all_appointments())
    with database.transaction():
        hours.close_clinic(hours.between(MONDAY, MONDAY))
    assert "Move it. To leave it as it was agreed, say why" in desk.get(page_of(made)).text
    page = desk.post(f"{page_of(made)}/move", to="2026-11-24T0930 robin")
    assert not page.find(id="outside-title")
    travel.move_to(at(MONDAY, "14:05"))
    assert not desk.get(page_of(asked)).find(id="outside-title"), "its time has come"


def test_what_is_booked_and_stranded_is_left_as_agreed_for_a_reason(desk, made):
    keep = f"{page_of(made)}/keep"
    assert flashes(desk.post(keep, override="Not needed")) == [
        "It is booked already, so this changed nothing and sends no email."
    ]
    with database.transaction():
        hours.close_clinic(hours.between(MONDAY, MONDAY))
    assert "Outside hours" in desk.get("/staff").text
    page = desk.post(keep, status=200)
    assert "That time is outside hours. Give the reason" in page.find(role="alert").text
    page = desk.post(keep, override="Robin comes in for it")
    assert flashes(page) == ["Left as agreed."] and "outside hours: Robin comes in for it" in page.text
    assert not page.find(id="outside-title") and not page.find(action=keep)
    assert "Outside hours" not in desk.get("/staff").text
    desk.undo(page)
    assert only_appointment().override is None and "Outside hours" in desk.get("/staff").text
    desk.post(f"{page_of(made)}/cancel", tell="y")
    assert "answered, cancelled or changed meanwhile" in flashes(desk.post(keep, override="Too late"))[0]


def test_other_times_are_offered(desk, asked, clinic):
    page = desk.get(f"{page_of(asked)}/offer")
    values = [box["value"] for box in page.select("input[name=times]")]
    assert "2026-11-23T0930 robin" in values
    page = desk.post(f"{page_of(asked)}/offer", times=values[:2], practitioner="robin")
    assert flashes(page) == ["Other times offered. The patient gets an email."]
    assert [offered.practitioner.slug for offered in only_appointment().offered] == ["robin", "robin"]
    assert mails()[-1] == "offered"
    desk.undo(page)
    assert only_appointment().offered == []
    assert mails() == ["requested", "notice"]


def test_a_request_whose_time_has_come_is_answered_with_true_words(desk, asked, travel, at):
    travel.move_to(at(MONDAY, "15:10"))
    assert "Its time has come. Accept it only if they were here" in desk.get(page_of(asked)).text
    page = desk.post(f"{page_of(asked)}/accept")
    assert flashes(page) == ["Accepted. The patient gets no email, as that time has come."]
    desk.undo(page)
    page = desk.get(f"{page_of(asked)}/offer")
    assert "keep holding" not in page.text
    values = [box["value"] for box in page.select("input[name=times]")]
    desk.post(f"{page_of(asked)}/offer", times=values[:2], practitioner="robin")
    travel.move_to(at(MONDAY, "15:20"))
    assert len(desk.get(f"{page_of(asked)}/offer").select("input[checked]")) == 1, "the other has passed"
    desk.post(f"{page_of(asked)}/decline", reason="Sorry!", tell="y")
    assert (only_appointment().status, mails()[2:]) == ("cancelled", ["offered", "declined"])


def test_enter_in_a_field_presses_no_time(desk, made, asked):
    """Browsers press the first button of a form, wherever in the page it stands."""
    moving = desk.get(f"{page_of(made)}/move").select("button[form=move], #move button")
    offering = desk.get(f"{page_of(asked)}/offer").select("form.split button")
    booking = desk.post("/staff/calendar/book", status=200, look="1").select("#book button, button[form=book]")
    assert texts(buttons[0] for buttons in (moving, offering, booking)) == [
        "Move to this time",
        "Show free times",
        "Book the appointment",
    ]


@pytest.mark.parametrize("times", [[], ["x"], [f"2026-11-30T{hour}00 robin" for hour in range(10, 17)]])
def test_from_one_to_six_times_can_be_offered(desk, asked, times):
    page = desk.post(f"{page_of(asked)}/offer", status=200, times=times, practitioner="robin")
    assert texts(page.select('[role=alert] a[href="#free-title"]')) == ["Choose 1 to 6 times"]


def test_the_time_that_an_appointment_has_is_not_offered_as_free(desk, made, asked):
    for appointment, page, value in ((made, "move", "2026-11-23T1000"), (asked, "offer", "2026-11-23T1400")):
        free = desk.get(f"{page_of(appointment)}/{page}").select("[name=to], [name=times]")
        assert f"{value} robin" not in [each["value"] for each in free]


def test_times_chosen_stay_chosen_while_looking_elsewhere(desk, asked, clinic):
    chosen = "2026-11-24T0930 robin"
    look = {"times": [chosen], "practitioner": "robin", "day": TUESDAY, "look": "1"}
    page = desk.post(f"{page_of(asked)}/offer", status=200, **look)
    (checked,) = page.select("input[checked]")
    assert checked["value"] == chosen


def test_moving_to_a_free_time_takes_one_press_and_can_be_undone(desk, made, at):
    page = desk.get(f"{page_of(made)}/move")
    button = page.select(".free-times button")[0]
    assert button["value"] == "2026-11-23T0930 robin"
    page = desk.post(f"{page_of(made)}/move", to=button["value"], tell="y")
    assert flashes(page) == ["Moved to Mon 23 Nov, 9:30 am with Robin Sample. The patient gets an email."]
    assert "from Mon 23 Nov, 10:00 am with Robin Sample" in text_of(page.select_one(".history"))
    desk.undo(page)
    assert only_appointment().starts_at == at(MONDAY, "10:00")
    assert mails() == ["booked", "notice", "notice"]


def test_moving_outside_hours_needs_a_reason_and_never_doubles(desk, made, book, at):
    book(wall="11:00", patient=LEE)
    typed = {"practitioner": "robin", "day": MONDAY, "at": "12:15"}
    page = desk.post(f"{page_of(made)}/move", status=200, **typed)
    assert "That time is outside hours" in page.find(role="alert").text
    page = desk.post(f"{page_of(made)}/move", status=200, **typed | {"at": "10:45", "override": "She insists"})
    assert "Someone else has that time" in page.find(role="alert").text
    desk.post(f"{page_of(made)}/move", **typed, override="She insists")
    assert (all_appointments()[0].starts_at, all_appointments()[0].override) == (
        at(MONDAY, "12:15"),
        "She insists",
    )


def test_moving_to_another_practitioner_shows_their_free_times(desk, made, clinic):
    page = desk.post(f"{page_of(made)}/move", status=200, practitioner="kit", day=MONDAY, look="1")
    button = page.select(".free-times button")[0]
    assert button["value"] == "2026-11-24T0900 kit"
    desk.post(f"{page_of(made)}/move", to=button["value"], practitioner="robin")
    assert only_appointment().practitioner.slug == "kit"


@pytest.mark.parametrize("by_now", [{"retired": True}, {"offered_by": []}])
def test_what_nobody_can_book_any_more_moves_without_a_reason(desk, made, by_now):
    with database.transaction():
        profiles.save_service("visit", **by_now)
    button = desk.get(f"{page_of(made)}/move").select(".free-times button")[0]
    assert button["value"] == "2026-11-23T0930 robin"
    assert "Moved to Mon 23 Nov, 9:30 am" in flashes(desk.post(f"{page_of(made)}/move", to=button["value"]))[0]
    assert only_appointment().override is None


def test_what_is_over_cannot_be_moved(desk, made):
    desk.post(f"{page_of(made)}/cancel")
    assert "meanwhile" in flashes(desk.post(f"{page_of(made)}/move", to="2026-11-23T0930 robin"))[0]


def test_arrivals_no_shows_and_mistakes_about_them(desk, made, travel, at):
    assert "You can say that from Mon 23 Nov, 10:00 am." in flashes(desk.post(f"{page_of(made)}/no-show"))[0]
    desk.post(f"{page_of(made)}/arrived")
    assert only_appointment().status == "fulfilled"
    desk.post(f"{page_of(made)}/reopen")
    travel.move_to(at(MONDAY, "10:10"))
    page = desk.post(f"{page_of(made)}/no-show")
    assert only_appointment().status == "noshow"
    desk.undo(page)
    assert only_appointment().status == "booked"


def test_undo_says_when_it_is_too_late_or_a_mail_has_gone(desk, made, travel):
    page = desk.post(f"{page_of(made)}/cancel", tell="y")
    undo = page.select_one(".flash form")["action"]
    with database.transaction():
        mail = db.session.scalars(db.select(OutboxMail).order_by(OutboxMail.id.desc())).first()
        mail.state, mail.sent_at = "sent", NOW
    assert "An email about it has gone out" in flashes(desk.post(undo))[0]
    travel.move_to(NOW + timedelta(seconds=31))
    assert "too late to undo" in flashes(desk.post(undo))[0]


def stale(appointment) -> dict[str, dict]:
    """What a page that was opened before can still send, by the last part of its address."""
    same = {"times": ["2026-11-24T0930 robin"], "practitioner": "robin"}
    to = f"{clock.local(appointment.starts_at):%Y-%m-%dT%H%M} robin"
    return {"cancel": {"reason": "Ill", "tell": "y"}, "decline": {"tell": "y"}, "move": {"to": to}, "offer": same}


def press_in_vain(desk, appointment, what):
    """Press what has nothing left to do; gives the page that says so."""
    before, queued = [entry for entry in trail() if entry[0] != "opened"], mails()
    lines = len(desk.get(page_of(appointment)).select(".history li"))
    page = desk.post(f"{page_of(appointment)}/{what}", **stale(appointment).get(what, {}))
    assert [entry for entry in trail() if entry[0] != "opened"] == before
    assert mails() == queued
    assert len(page.select(".history li")) == lines
    return page


@pytest.mark.parametrize("what", ["cancel", "decline"])
def test_what_the_patient_has_cancelled_is_not_said_to_be_ended_by_staff(desk, asked, what):
    with database.transaction():
        appointments.cancel(asked)
    page = press_in_vain(desk, asked, what)
    assert flashes(page) == [
        "It was cancelled by the patient already, so this changed nothing and sends no email."
    ]
    assert not page.select(".flash form")
    assert only_appointment().cancelled_by == "patient"


def test_what_a_colleague_has_done_is_said_to_be_theirs_and_only_they_undo_it(desk, own, asked):
    own.post(f"{page_of(asked)}/decline")
    page = press_in_vain(desk, asked, "decline")
    assert re.match(r"It was declined by Casey Invented.* already, so", *flashes(page))
    assert not page.select(".flash form")
    own.undo(press_in_vain(own, asked, "decline"))
    assert only_appointment().status == "requested"


def test_a_button_with_nothing_left_to_do_says_how_it_stands(desk, made, asked):
    assert "It is booked already, so" in flashes(press_in_vain(desk, made, "accept"))[0]
    assert "It is at that time already, so" in flashes(press_in_vain(desk, made, "move"))[0]
    desk.post(f"{page_of(asked)}/offer", **stale(asked)["offer"])
    assert "These times are offered already, so" in flashes(press_in_vain(desk, asked, "offer"))[0]
    desk.post(f"{page_of(made)}/arrived")
    assert "It was marked as arrived already, so" in flashes(press_in_vain(desk, made, "arrived"))[0]


def test_nobody_is_mailed_of_a_time_that_has_come_and_the_page_says_so(desk, made, asked, travel, at):
    queued = mails()
    page = desk.post(f"{page_of(made)}/move", practitioner="robin", day=MONDAY, at="9:00", tell="y")
    assert flashes(page) == [
        "Moved to Mon 23 Nov, 9:00 am with Robin Sample. The patient gets no email, as that time has come."
    ]
    assert "no email, as its time has come" in page.select_one(".ending").text
    page = desk.post(f"{page_of(made)}/cancel", tell="y")
    assert flashes(page) == ["Cancelled. The patient gets no email, as that time has come."]
    travel.move_to(at(MONDAY, "14:00"))
    page = desk.post(f"{page_of(asked)}/accept")
    assert flashes(page) == ["Accepted. The patient gets no email, as that time has come."]
    assert {*mails()[len(queued) :]} == {"notice"}


def test_who_knows_of_a_time_to_come_can_be_mailed_of_the_end_of_one_that_has_come(desk, made, travel, at):
    desk.post(f"{page_of(made)}/move", practitioner="robin", day=TUESDAY, at="10:00", tell="y")
    all_sent()
    desk.post(f"{page_of(made)}/move", practitioner="robin", day=MONDAY, at="11:00", tell="y")
    travel.move_to(at(MONDAY, "11:10"))
    assert desk.get(page_of(made)).select_one(".ending input[name=tell]")
    page = desk.post(f"{page_of(made)}/cancel", tell="y")
    assert flashes(page) == ["Cancelled. The patient gets an email."]
    assert "Tue 24 Nov, 10:00 am" in last_mail("cancelled").subject


def test_other_times_for_a_request_whose_time_has_come_are_mailed(desk, asked, travel, at):
    travel.move_to(at(MONDAY, "14:00"))
    page = desk.post(f"{page_of(asked)}/offer", **stale(asked)["offer"])
    assert flashes(page) == ["Other times offered. The patient gets an email."]
    assert mails()[-1] == "offered"


def test_a_mails_page_says_how_its_appointment_stands_now(desk, made):
    mail = db.session.scalars(db.select(OutboxMail).filter_by(name="appointment_booked")).one()
    assert "now Mon 23 Nov, 10:00 am Booked" in " ".join(texts(desk.get(f"/staff/mail/{mail.id}").select("dd")))
    desk.post(f"{page_of(made)}/cancel", tell="y")
    page = desk.get(f"/staff/mail/{mail.id}")
    assert "now Mon 23 Nov, 10:00 am Cancelled" in " ".join(texts(page.select("dd")))
    assert "moved or cancelled since" in page.select_one(".server-words").text


def test_an_email_that_a_later_change_made_untrue_cannot_be_sent_any_more(desk, asked, travel):
    offers = [box["value"] for box in desk.get(f"{page_of(asked)}/offer").select("input[name=times]")]
    for times in (offers[:2], offers[2:4]):
        travel.shift(1)
        desk.post(f"{page_of(asked)}/offer", times=times, practitioner="robin")
    desk.post(f"{page_of(asked)}/accept")
    lists = "/staff/mail?state=given-up"
    rows = desk.get(lists).select(".row")
    assert len(rows) == 3, "the request's own mail and both offers"
    assert all("Withdrawn" in row.text and "moved or cancelled since" in row.text for row in rows)
    assert not any(row.select("form") for row in rows)
    page = desk.get(mail_page("offered"))
    assert not page.select(".panel form")
    assert "A later change made it untrue, so it can’t be sent any more." in page.text
    said = flashes(desk.post(f"{mail_page('offered')}/retry", list="given-up"))
    assert said == ["This email was withdrawn: a later change made it untrue, so it can’t be sent any more."]
    assert len(desk.get(lists).select(".row")) == 3
    assert "tried again" not in [action for action, *_ in trail()]


def test_an_email_that_somebody_gave_up_before_is_withdrawn_too_and_stays_given_up_after_undo(desk, made, travel):
    booked = mail_page("booked")
    desk.post(f"{booked}/give-up", reason="Mistyped")
    travel.shift(1)
    page = desk.post(f"{page_of(made)}/cancel")
    assert "it can’t be sent any more" in flashes(desk.post(f"{booked}/retry"))[0]
    desk.undo(page)
    assert "Given up by Casey Invented" in desk.get(booked).select_one(".server-words").text
    desk.post(f"{booked}/retry")
    assert not desk.get(booked).select(".server-words")


def test_sending_a_mail_at_once_leaves_the_moment_to_undo(desk, made):
    page = desk.post(f"{page_of(made)}/cancel", tell="y")
    assert mails()[3:] == ["cancelled", "notice"]
    mail = db.session.scalars(db.select(OutboxMail).filter_by(name="appointment_cancelled")).one()
    assert "as soon as nobody can undo" in flashes(desk.post(f"/staff/mail/{mail.id}/retry"))[0]
    db.session.rollback()
    assert mail.next_attempt_at == NOW + timedelta(seconds=30)
    assert flashes(desk.undo(page)) == ["Undone."]


def test_undo_says_when_the_old_time_has_gone_and_twice_is_once(desk, made, book):
    page = desk.post(f"{page_of(made)}/cancel")
    undo = page.select_one(".flash form")["action"]
    other = book(patient=LEE)
    assert "Someone else has the old time by now" in flashes(desk.post(undo))[0]
    with database.transaction():
        appointments.cancel(other, by="staff")
    assert flashes(desk.post(undo)) == flashes(desk.post(undo)) == ["Undone."]


@pytest.mark.parametrize("change", ["", "?change=x", "?change=0", "?change=-1099511627776", f"?change={2**40}"])
def test_only_a_change_of_this_appointment_can_be_undone(desk, made, book, change):
    other = book(wall="11:00", patient=LEE)
    page = desk.post(f"{page_of(other)}/cancel")
    undo = page.select_one(".flash form")["action"].partition("?")[2]
    assert is_told_gone(desk.client, f"{page_of(made)}/undo{change}")
    assert is_told_gone(desk.client, f"{page_of(made)}/undo?{undo}")
    assert all_appointments()[1].status == "cancelled"


def test_without_a_moment_to_undo_nothing_waits(desk, made, with_settings):
    with_settings(undo_seconds=0)
    page = desk.post(f"{page_of(made)}/cancel", tell="y")
    assert not page.select(".flash form")
    assert all(mail.next_attempt_at <= NOW for mail in db.session.scalars(db.select(OutboxMail)))


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("cancel", {"tell": "y"}),
        ("accept", {}),
        ("move", {"to": "2026-11-23T0930 robin"}),
        ("offer", {"times": "2026-11-23T0930 robin", "practitioner": "robin"}),
    ],
)
def test_what_was_not_stored_is_not_said_to_be_done(desk, asked, path, typed, full_disk):
    with full_disk():
        desk.post(f"{page_of(asked)}/{path}", status=503, **typed)
    assert flashes(desk.get("/staff/calendar")) == []
    assert (only_appointment().status, only_appointment().offered) == ("requested", [])


def test_what_was_not_undone_is_not_said_to_be(desk, made, full_disk):
    undo = desk.post(f"{page_of(made)}/cancel").select_one(".flash form")["action"]
    with full_disk():
        desk.post(undo, status=503)
    assert flashes(desk.get("/staff/calendar")) == []
    assert only_appointment().status == "cancelled"


POSTS = (
    "arrived",
    "no-show",
    "reopen",
    "accept",
    "decline",
    "cancel",
    "move",
    "offer",
    "correct",
    "undo?change=1",
)


@pytest.mark.parametrize("path", POSTS)
def test_a_practitioner_changes_nobody_elses_appointments(own, book, clinic, path):
    theirs = book(TUESDAY, "09:00", practitioner=clinic.kit)
    before = mails()
    assert is_told_gone(own.client, f"{page_of(theirs)}/{path}")
    if path in ("move", "offer", "correct"):
        own.get(f"{page_of(theirs)}/{path}", status=404)
    assert (only_appointment().status, mails(), trail()) == ("booked", before, [])


def test_a_practitioner_opens_nobody_elses_appointments_and_keeps_their_own(own, book, clinic):
    theirs = book(TUESDAY, "09:00", practitioner=clinic.kit, patient=LEE)
    own.get(page_of(theirs), status=404)
    mine = book()
    own.get(page_of(mine))
    page = own.post(f"{page_of(mine)}/move", status=200, practitioner="kit", day=TUESDAY, at="10:00")
    assert "Choose a practitioner from the list" in page.find(role="alert").text
    own.post(f"{page_of(mine)}/move", status=200, to="2026-11-24T1000 kit", practitioner="robin")
    own.post(f"{page_of(mine)}/cancel")
    assert [made.status for made in all_appointments()] == ["booked", "cancelled"]


@pytest.mark.parametrize("number", [0, 999, 2**31, 2**63])
def test_a_number_that_no_appointment_has_is_not_found(desk, clinic, number):
    desk.get(f"/staff/appointments/{number}", status=404)
    for path in POSTS:
        assert is_told_gone(desk.client, f"/staff/appointments/{number}/{path}")
