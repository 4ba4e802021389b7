"""Calendar files and messages, read back with the library and by line."""

import pytest
from icalendar import Calendar

from clinic_app.booking import appointments, calendar, corrections, profiles, requests
from clinic_app.database import transaction
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail

from .conftest import ALEX, LEE, MONDAY, NOW, TUESDAY, days, do


def event_of(text: str):
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    return event


def test_calendars_know_an_appointment_again_at_another_email_address(book, at):
    made = book()
    with transaction():
        db.session.execute(db.update(OutboxMail).values(state="sent", sent_at=NOW))
    do(corrections.correct, made, patient=ALEX._replace(email="right@example.org"), by="staff")
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "14:00"), by="staff")
    told = db.session.scalars(db.select(OutboxMail.calendar_text).order_by(OutboxMail.id))
    events = [event_of(text) for text in told if text]
    assert {str(event["uid"]) for event in events} == {made.uid}
    assert [event["sequence"] for event in events] == [0, 1, 2]


def test_a_booked_appointment_is_a_request_in_utc(book, at):
    made = book()
    method, text = calendar.message(made)
    event = event_of(text)
    assert (method, str(event["uid"]), event["sequence"]) == ("REQUEST", made.uid, 0)
    assert "DTSTART:20261122T223000Z\r\n" in text
    assert "DTEND:20261122T230000Z\r\n" in text
    assert "DTSTAMP:20261121T010000Z\r\n" in text
    assert "METHOD:REQUEST\r\n" in text
    assert str(event["attendee"]) == f"mailto:{ALEX.email}"
    assert str(event["organizer"]) == "mailto:hello@clinic.example"
    assert event["status"] == "CONFIRMED"


def test_an_address_with_an_apostrophe_is_told_as_its_owners_calendar_knows_it(book):
    text = calendar.message(book(patient=ALEX._replace(email="pat.o'brien@example.org")))[1]
    assert str(event_of(text)["attendee"]) == "mailto:pat.o'brien@example.org"


def test_one_uid_for_life_and_a_sequence_that_grows(book, at):
    made = book()
    before = event_of(calendar.message(made)[1])
    moved = do(appointments.reschedule, made, starts_at=at(TUESDAY, "09:30"))
    after = event_of(calendar.message(moved)[1])
    cancelled = do(appointments.cancel, moved)
    method, text = calendar.message(cancelled)
    end = event_of(text)
    assert before["uid"] == after["uid"] == end["uid"]
    assert [e["sequence"] for e in (before, after, end)] == [0, 1, 2]
    assert (method, end["status"]) == ("CANCEL", "CANCELLED")


def test_a_download_is_published_without_attendees(book):
    text = calendar.download(book())
    assert "METHOD:PUBLISH\r\n" in text
    assert "ATTENDEE" not in text


@pytest.mark.parametrize("make", [lambda a: calendar.message(a)[1], calendar.download])
def test_no_phone_no_note_no_secret_and_lines_are_folded(book, with_settings, make):
    with_settings(name="A clinic with a name, long; strange, and of 75 octets or more: für Rücken & Füße")
    made = book(patient=ALEX._replace(name='Al "Æ" ' + "Placeholder " * 12))
    text = make(made)
    for secret in (ALEX.phone, ALEX.phone[3:], "Left side", "/a/"):
        assert secret not in text.replace("\r\n ", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    assert "für Rücken" in str(event_of(text)["summary"])


def test_a_feed_shows_requests_and_appointments_of_its_practitioner_by_initials(book, clinic):
    book(service=clinic.check)
    book(TUESDAY, patient=LEE, practitioner=clinic.kit)
    do(appointments.cancel, book(TUESDAY, practitioner=clinic.robin))
    text = calendar.feed(clinic.robin)
    event = event_of(text)
    assert (event["summary"], event["status"]) == ("Running check: A. P. (to confirm)", "TENTATIVE")
    for secret in (ALEX.name, "Placeholder", ALEX.email, ALEX.phone, "Left side", "LEE", "Invented"):
        assert secret not in text
    assert "X-WR-CALNAME:Robin Sample" in text
    assert "X-PUBLISHED-TTL:PT30M\r\n" in text


def test_google_shows_what_a_feed_says_and_keeps_a_patients_own_appointment_private(book, clinic):
    made = book()
    assert "CLASS" not in calendar.feed(clinic.robin)
    assert all("CLASS:PRIVATE\r\n" in text for text in (calendar.download(made), calendar.message(made)[1]))


def test_a_feed_says_of_a_request_that_waits_for_its_patient_that_times_were_offered(book, clinic, at):
    asked = book(service=clinic.check)
    do(requests.offer, asked, times=[(clinic.robin, at(TUESDAY, "09:30"))])
    db.session.expire_all()
    event = event_of(calendar.feed(clinic.robin))
    assert (event["summary"], event["status"]) == ("Running check: A. P. (times offered)", "TENTATIVE")


def test_a_feed_shows_names_when_asked_for(book, clinic):
    book()
    with transaction():
        profiles.save_practitioner("robin", feed_shows_names=True)
    assert str(event_of(calendar.feed(clinic.robin))["summary"]) == "Follow-up: Alex Placeholder"


def test_a_feed_reaches_a_month_back(book, clinic, travel):
    book()
    travel.shift(days(32))
    event_of(calendar.feed(clinic.robin))
    travel.shift(days(8))
    assert not Calendar.from_ical(calendar.feed(clinic.robin)).walk("VEVENT")


@pytest.mark.parametrize(
    "name, short",
    [
        ("Robin Sample", "R. S."),
        ("kit", "K."),
        ("  Æ  von x ", "Æ. V. X."),
        ("Robin (Bo) \N{LEFT DOUBLE QUOTATION MARK}Bee\N{RIGHT DOUBLE QUOTATION MARK} - Sample", "R. B. B. S."),
        ("E\N{COMBINING ACUTE ACCENT}va שרה", "É. ש."),
        ("Kim \N{ADULT}\N{ZERO WIDTH JOINER}\N{STAFF OF AESCULAPIUS}", "K."),
        ("", ""),
    ],
)
def test_initials(name, short):
    assert calendar.initials(name) == short


def test_the_clock_change_moves_the_instant_and_not_the_time_on_the_wall(book, at):
    made = book(MONDAY + days(133), by="staff", practitioner=None, override="Far ahead")  # 5 April: winter time
    assert "DTSTART:20270404T233000Z" in calendar.download(made)
