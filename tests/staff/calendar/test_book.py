"""Booking for someone on the phone."""

from datetime import date

import pytest
from sqlalchemy import select

from clinic_app import clock, database
from clinic_app.booking import profiles
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.reading import all_appointments, only_appointment, text_of, texts, trail

from ...factories import enquire
from .conftest import MONDAY, NOW, flashes, mails

BOOK = "/staff/calendar/book"
TYPED = {
    "service": "visit",
    "practitioner": "robin",
    "day": f"{MONDAY}",
    "at": "14:00",
    "name": "Jo Fictional",
    "phone": "02 5550 0156",
    "email": "jo@example.org",
    "note": "Comes by bike.",
    "tell": "y",
    "nonce": "form-1",
}


def send(desk, status=303, **changes):
    typed = {name: value for name, value in (TYPED | changes).items() if value is not None}
    return desk.post(BOOK, status=status, **typed)


def value(page, name):
    return page.find(id=name)["value"]


def test_an_appointment_is_booked_for_someone_and_its_mails_wait(desk, clinic, at):
    page = send(desk)
    made = only_appointment()
    assert (made.status, made.made_by, made.starts_at) == ("booked", "staff", at(MONDAY, "14:00"))
    assert (made.name, made.phone, made.email) == ("Jo Fictional", "+61255500156", "jo@example.org")
    assert text_of(page.h1) == "Mon 23 Nov 2026"
    assert flashes(page) == ["Booked: Mon 23 Nov, 2:00 pm with Robin Sample. The patient gets an email."]
    due = set(db.session.scalars(select(OutboxMail.next_attempt_at)))
    assert {(at - NOW).total_seconds() for at in due} == {30}
    assert trail()[-1] == ("booked", "appointment", made.id)


def test_an_appointment_that_was_not_stored_is_not_said_to_be_booked(desk, clinic, full_disk):
    with full_disk():
        send(desk, status=503)
    assert flashes(desk.get("/staff/calendar")) == []
    assert all_appointments() == []


def test_a_new_appointment_can_be_undone(desk, clinic):
    page = desk.undo(send(desk))
    assert flashes(page) == ["Undone."]
    assert text_of(page.h1) == "Mon 23 Nov 2026"
    assert only_appointment().status == "cancelled"
    assert "Jo Fictional" not in page.text, "nobody ever meant it"
    assert mails() == []
    send(desk)
    assert [made.status for made in all_appointments()] == ["cancelled", "booked"]


def test_the_form_is_filled_in_by_its_address(desk):
    page = desk.get(f"{BOOK}?practitioner=kit&start=2026-11-24T0930&service=check")
    assert (value(page, "day"), value(page, "at")) == ("2026-11-24", "09:30")
    chosen = [option["value"] for option in page.select("option[selected]")]
    assert chosen == ["check", "kit"]
    assert page.find(id="tell").has_attr("checked")


@pytest.mark.parametrize(
    ("query", "day"),
    [("?day=2026-12-16", "2026-12-16"), ("?day=2026-12-16&view=week", "2026-12-16"), ("", f"{MONDAY}")],
)
def test_the_calendars_button_books_on_the_day_that_the_calendar_shows(desk, clinic, query, day):
    (button,) = (
        link for link in desk.get(f"/staff/calendar{query}").select("a.button-main") if link.text == "Book"
    )
    page = desk.get(button["href"])
    assert value(page, "day") == day
    assert text_of(page.select_one(".free-day h3")) == clock.format_day(
        clock.instant_of(date.fromisoformat(day)), year=False
    )


def test_a_day_that_is_over_is_not_filled_in(desk, clinic):
    assert value(desk.get(f"{BOOK}?day=2026-11-20"), "day") == ""


@pytest.mark.parametrize(
    "query", ["day=x", "practitioner=nobody", "start=x", "service=%00", "enquiry=1", "start=2099-12-31T2359"]
)
def test_an_address_that_says_nothing_useful_gives_the_form(desk, query):
    desk.get(f"{BOOK}?{query}")


def test_a_free_time_is_picked_without_losing_what_was_typed(desk, book):
    book()
    page = send(desk, status=200, look="1", at="")
    picks = page.select(".free-day button")
    assert texts(picks)[:2] == ["9:30 am , Mon 23 Nov", "10:30 am , Mon 23 Nov"]
    page = send(desk, status=200, pick=picks[1]["value"], day="", at="")
    assert (value(page, "day"), value(page, "at"), value(page, "name")) == ("2026-11-23", "10:30", "Jo Fictional")
    assert len(all_appointments()) == 1


def test_the_patient_is_not_told_unless_that_is_ticked(desk, clinic):
    assert "The patient gets no email." in flashes(send(desk, tell=None))[0]
    assert mails() == ["notice"]


def test_who_has_no_address_has_to_be_called(desk, clinic):
    assert "please tell them by phone" in flashes(send(desk, email=""))[0]


def test_whoever_is_free_first_is_taken(desk, book):
    book(wall="14:00")
    send(desk, status=200, practitioner="")
    send(desk, practitioner="", day="2026-11-24", at="9:30")
    assert [made.practitioner.slug for made in all_appointments()] == ["robin", "robin"]


def test_a_double_booking_is_refused_and_other_times_are_offered(desk, book):
    book()
    page = send(desk, status=200, at="10:15", override="She insists")
    assert "Error: " in page.title.text
    assert "Someone else has that time" in page.find(role="alert").text
    assert value(page, "name") == "Jo Fictional"
    offered = page.select(".instead button")
    assert texts(offered) == [
        "Mon 23 Nov, 9:30 am",
        "Mon 23 Nov, 10:30 am",
        "Mon 23 Nov, 10:45 am",
        "Mon 23 Nov, 11:00 am",
    ]
    assert len(all_appointments()) == 1


def test_outside_hours_only_with_a_reason_which_is_kept(desk, clinic):
    page = send(desk, status=200, at="12:15")
    assert "That time is outside hours" in page.find(role="alert").text
    assert page.select_one("details.more-fields").has_attr("open")
    page = send(desk, at="12:15", override="Comes from far away")
    made = only_appointment()
    assert made.override == "Comes from far away"
    page = desk.get(f"/staff/appointments/{made.id}")
    assert "outside hours: Comes from far away" in page.select_one(".history").text


def test_a_reason_that_was_not_needed_marks_nothing(desk, clinic):
    send(desk, override="Just in case")
    assert only_appointment().override is None


def test_notice_horizon_and_cap_do_not_bind_staff(desk, clinic, with_settings, at):
    with_settings(booking_notice_minutes=2000, booking_horizon_days=2, appointments_per_person=1)
    send(desk, at="9:30")
    send(desk, nonce="form-2", day="2027-03-01")
    assert len(all_appointments()) == 2


def test_an_appointment_in_the_past_is_recorded_without_a_confirmation(desk, clinic):
    page = send(desk, at="9:00")
    assert "The patient gets no email, as that time has come." in flashes(page)[0]
    assert only_appointment().starts_at < NOW
    assert mails() == ["notice"]


def test_the_same_form_again_gives_the_same_appointment(desk, clinic):
    send(desk)
    page = send(desk, name="Somebody Else")
    assert flashes(page) == ["This form was sent before. This is the appointment that it made."]
    assert page.select_one("#who-title").text == "Jo Fictional"
    assert only_appointment().name == "Jo Fictional"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "Enter their full name"),
        ({"phone": "", "email": ""}, "Enter a phone number or an email address"),
        ({"day": "x"}, "Enter the day as a date"),
        ({"day": "0001-01-01"}, "Enter the day as a date"),
        ({"day": ""}, "Enter the day"),
        ({"at": "25:00"}, "Enter the time as"),
        ({"service": "nothing"}, "Choose a service"),
        ({"practitioner": "nobody"}, "Choose a practitioner"),
        ({"note": "x" * 501}, "Shorten the note"),
        ({"email": "jo@"}, "Enter an email address"),
    ],
)
def test_mistakes_are_named_and_nothing_is_booked(desk, clinic, changes, message):
    page = send(desk, status=200, **changes)
    assert message in page.find(role="alert").text
    assert page.title.text.startswith("Error: ")
    assert all_appointments() == []


def test_an_appointment_is_made_of_an_enquiry(desk, clinic):
    with database.transaction():
        enquiry = enquire()
    page = desk.get(f"{BOOK}?enquiry={enquiry.reference}")
    assert (value(page, "name"), value(page, "email")) == ("Robin Sample", "robin@example.org")
    assert trail()[-1] == ("opened", "enquiry", enquiry.id)
    send(desk, enquiry=value(page, "enquiry"))
    made = only_appointment()
    assert made.enquiry_id == enquiry.id
    assert desk.get(f"/staff/appointments/{made.id}")


def test_what_was_booked_from_an_enquiry_is_told_there_and_leads_back_to_it(desk, clinic):
    with database.transaction():
        enquiry = enquire()
    page = send(desk, enquiry=enquiry.reference)
    assert page.h1.text.startswith("Robin Sample, ")
    (said,) = flashes(page)
    assert said.endswith("The patient gets an email. If that answers the enquiry, close it.")
    assert "Close" in texts(page.select("h1 ~ * button, header button"))
    made = only_appointment()
    (line,) = (line for line in page.select(".thread .event") if "Appointment" in line.text)
    assert texts([line])[0].startswith("Appointment booked: Mon 23 Nov, 2:00 pm with Robin Sample Booked")
    assert line.a["href"] == f"/staff/appointments/{made.id}"
    desk.undo(page)
    page = desk.get(f"/staff/enquiries/{enquiry.reference}")
    assert "Appointment booked" not in page.select_one(".thread").text, "nobody ever meant it"


def test_somebody_who_comes_again_is_filled_in(desk, book):
    made = book()
    page = desk.get(f"{BOOK}?again={made.id}")
    assert (value(page, "name"), value(page, "email")) == ("Alex Placeholder", "alex@example.org")
    assert trail()[-1] == ("opened", "appointment", made.id)
    desk.get(f"{BOOK}?again={2**31}", status=404)


def test_a_service_that_is_no_longer_offered_is_not_replaced_unasked(desk, book):
    made = book()
    with database.transaction():
        profiles.save_service("visit", retired=True)
    page = desk.get(f"{BOOK}?again={made.id}")
    select = page.find(id="service")
    assert not select.select("option[selected]:not([value=''])")
    assert texts(select.select("option"))[0] == "Choose a service"
    assert (
        page.find(id=select["aria-describedby"]).text
        == "Follow-up is no longer offered. Choose what they come for now."
    )
    assert "Choose a service first" in page.find("section").text
    page = send(desk, status=200, service="")
    assert "Choose a service" in page.find(role="alert").text
    assert page.select_one("#service option")["value"] == ""


def test_a_year_far_ahead_is_said(desk, clinic):
    assert (
        "Booked: Thu 31 Dec 2099, 9:00 am with Robin Sample."
        in flashes(send(desk, day="2099-12-31", at="9:00"))[0]
    )
    made = only_appointment()
    move = f"/staff/appointments/{made.id}/move"
    page = desk.post(move, practitioner="robin", day="2098-12-31", at="9:00")
    assert "Moved to Wed 31 Dec 2098, 9:00 am with Robin Sample." in flashes(page)[0]
    page = desk.post(move, practitioner="robin", day="2027-01-07", at="9:00")
    assert "Moved to Thu 7 Jan, 9:00 am with Robin Sample." in flashes(page)[0]


def test_a_practitioner_books_for_themselves_only_and_reads_no_enquiries(own, book, clinic):
    kits = book(MONDAY.replace(day=24), "09:00", practitioner=clinic.kit)
    with database.transaction():
        enquiry = enquire()
    page = own.get(f"{BOOK}?enquiry={enquiry.reference}&practitioner=kit")
    assert "robin@example.org" not in page.text
    assert [option["value"] for option in page.select("#practitioner option")] == ["robin"]
    own.get(f"{BOOK}?again={kits.id}", status=404)
    send(own, status=200, practitioner="kit", day="2026-11-24", at="10:00")
    send(own, status=200, practitioner="", day="2026-11-24", at="10:00")
    send(own, enquiry=enquiry.reference)
    made = all_appointments()[-1]
    assert (made.practitioner.slug, made.enquiry_id) == ("robin", None)


def test_the_second_pass_of_a_time_that_comes_twice_is_booked(desk, clinic):
    from datetime import time

    with database.transaction():
        profiles.save_practitioner("robin", hours={6: [(time(0), time(12))]})
    page = desk.get(f"{BOOK}?practitioner=robin&start=2027-04-04T0230b")
    offered = [told.partition(" ,")[0] for told in texts(page.select_one(".free-day").select(".slot"))]
    assert [told for told in offered if told.startswith("2:30 am")] == ["2:30 am AEDT", "2:30 am AEST"]
    send(desk, day=value(page, "day"), at=value(page, "at"), second_pass=value(page, "second_pass"))
    assert only_appointment().starts_at.isoformat() == "2027-04-03T16:30:00+00:00"
    assert clock.local(only_appointment().starts_at).fold == 1


def test_a_time_that_is_chosen_leads_back_to_where_it_is_filled_in(desk, clinic):
    for page in (desk.get(BOOK), send(desk, status=200, at="03:00")):
        ways = {button["formaction"] for button in page.select("button[name=pick]")}
        assert ways == {f"{BOOK}#at"} and page.select_one("input#at")


@pytest.mark.parametrize("bad", ["\x00", "🏃" * 40, "{{7*7}}", "a\r\nBcc: x@example.org", "<b>"])
def test_no_text_at_all_makes_the_form_fall_over(desk, clinic, bad):
    for field in (*TYPED, "override", "enquiry", "pick", "second_pass"):
        answer = desk.client.post(BOOK, data=TYPED | {field: bad})
        assert answer.status_code in (200, 303)
