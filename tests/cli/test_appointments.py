"""`flask appointments` and `flask practitioners`."""

from datetime import date, datetime, time

import pytest
import time_machine

from clinic_app import clock
from clinic_app.accounts.models import AuditEntry
from clinic_app.booking import appointments, hours, links, profiles
from clinic_app.booking.models import HoursException
from clinic_app.database import transaction
from clinic_app.extensions import db

MONDAY = date(2026, 11, 23)
CHRISTMAS_EVE = date(2026, 12, 24)
NOON_ON_SATURDAY = datetime.fromisoformat("2026-11-21T12:00+11:00")


@pytest.fixture(autouse=True)
def saturday():
    with time_machine.travel(NOON_ON_SATURDAY, tick=True):
        yield


@pytest.fixture
def asked(app):
    with transaction():
        check = profiles.save_service(
            "check", name="Running check", minutes=60, price_cents=14000, confirm="staff"
        )
        profiles.save_practitioner("robin", name="Robin Sample", hours={0: [(time(9), time(17))]})
        return appointments.book(
            service=check,
            starts_at=clock.instant_of(MONDAY, time(9)),
            patient=appointments.Patient(name="Alex Placeholder", email="alex@example.org"),
        )


@pytest.fixture
def flask(app):
    def run(*words):
        result = app.test_cli_runner().invoke(args=list(words))
        db.session.rollback()
        return result

    return run


def test_requests_are_listed_and_accepted(flask, asked):
    line = f"{asked.id}  Mon 23 Nov, 9:00 am  to confirm  Running check, Robin Sample, Alex Placeholder"
    assert line in flask("appointments", "list").output
    assert "  booked  " in flask("appointments", "accept", str(asked.id)).output
    assert asked.status == "booked"


def test_requests_are_declined_with_a_reason_and_answers_are_final(flask, asked):
    assert flask("appointments", "decline", str(asked.id), "--reason", "Away").exit_code == 0
    assert (asked.status, asked.cancel_reason) == ("cancelled", "Away")
    again = flask("appointments", "accept", str(asked.id))
    assert again.exit_code == 1 and "meanwhile" in again.output
    assert flask("appointments", "list").output == "There are no appointments to come.\n"


def test_other_times_are_offered(flask, asked):
    result = flask("appointments", "offer", str(asked.id), "robin", "2026-11-23T11:00", "2026-11-23T14:00")
    assert result.exit_code == 0, result.output
    assert "  times offered  " in result.output and "  times offered  " in flask("appointments", "list").output
    assert [clock.format_time(offered.starts_at) for offered in asked.offered] == ["11:00 am", "2:00 pm"]
    outside = flask("appointments", "offer", str(asked.id), "robin", "2026-11-23T11:00", "2026-11-23T23:00")
    assert outside.exit_code == 1 and "Mon 23 Nov, 11:00 pm lies outside hours" in outside.output


def test_what_the_command_line_does_is_in_the_trail(flask, asked):
    flask("appointments", "accept", str(asked.id))
    flask("appointments", "accept", "999")
    flask("practitioners", "feed", "robin")
    flask("practitioners", "off", "robin", "2026-12-01", "2026-12-02")
    flask("practitioners", "off", "all", "2026-12-01", "2026-12-02")
    entries = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id))
    assert [(entry.action, entry.kind, entry.by) for entry in entries] == [
        ("accepted", "appointment", "command line"),
        ("renewed the calendar address of", "practitioner", "command line"),
        ("added time off to", "practitioner", "command line"),
        ("closed the clinic", "closure", "command line"),
    ]


def test_an_appointment_is_cancelled_by_staff(flask, asked):
    flask("appointments", "cancel", str(asked.id))
    assert (asked.status, asked.cancelled_by) == ("cancelled", "staff")
    assert flask("appointments", "cancel", "999").exit_code == 1


@pytest.mark.parametrize("verb", ["accept", "decline", "cancel"])
@pytest.mark.parametrize("number", ["0", str(2**31), str(2**63)])
def test_a_number_that_no_appointment_can_have_is_refused_in_words(flask, app, verb, number):
    result = flask("appointments", verb, number)
    assert result.exit_code == 2 and "is not in the range" in result.output


def test_a_feed_address_is_printed_once_and_replaced(flask, asked):
    first, second = (flask("practitioners", "feed", "robin", "--names").output.strip() for _ in range(2))
    assert first != second
    practitioner = links.find_feed(second.rpartition("/")[2].removesuffix(".ics"))
    assert practitioner.feed_shows_names
    assert flask("practitioners", "feed", "nobody").exit_code == 1


@pytest.mark.parametrize("who", ["robin", "all"])
def test_time_off_lists_the_appointments_that_it_strands(flask, asked, who):
    result = flask("practitioners", "off", who, "2026-11-23", "2026-11-23", "--reason", "Painting")
    assert result.exit_code == 0 and "Still there: " in result.output
    assert "Still there" not in flask("practitioners", "off", who, "2026-11-24T09:00", "2026-11-25").output
    assert flask("practitioners", "off", who, "2026-11-24", "2026-11-23").exit_code == 1


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-12-24", "2026-12-28", "Thu 24 Dec 2026 to Mon 28 Dec 2026"),
        ("2026-12-24", "2026-12-24", "Thu 24 Dec 2026"),
        ("2026-12-24T13:00", "2026-12-24", "Thu 24 Dec 2026, 1:00 pm to the end of the day"),
        ("2026-12-24T13:00", "2026-12-28T09:00", "Thu 24 Dec 2026, 1:00 pm to Mon 28 Dec 2026, 9:00 am"),
        ("2026-12-24", "2026-12-28T00:00", "Thu 24 Dec 2026 to Sun 27 Dec 2026"),
    ],
)
def test_a_day_as_the_end_of_time_off_is_its_last_day(flask, asked, start, end, told):
    assert flask("practitioners", "off", "robin", start, end).output == f"Robin Sample is away: {told}.\n"
    assert flask("practitioners", "off", "all", start, end).output == f"The clinic is closed: {told}.\n"


@pytest.mark.parametrize(
    ("who", "told"), [("robin", "Robin Sample is away then already"), ("all", "The clinic is closed then already")]
)
def test_the_same_time_off_is_not_added_twice(flask, asked, who, told):
    with transaction():
        hours.add_extra_hours(profiles.practitioner("robin"), hours.between(CHRISTMAS_EVE, CHRISTMAS_EVE))
    command = ("practitioners", "off", who, "2026-12-24", "2026-12-24")
    assert flask(*command).exit_code == 0
    again = flask(*command, "--reason", "Away")
    assert again.exit_code == 1 and f"{told}: Thu 24 Dec 2026." in again.output
    assert db.session.query(HoursException).filter(HoursException.kind != "extra_hours").count() == 1
    assert "SLUG START END" in flask("practitioners", "off", "--help").output


def test_what_cannot_be_stored_is_not_told_as_done(flask, asked, full_disk):
    day = ("2026-12-24", "2026-12-24")
    commands = (
        ("practitioners", "off", "all", *day),
        ("practitioners", "off", "robin", *day),
        ("appointments", "accept", str(asked.id)),
    )
    with full_disk():
        for words in commands:
            assert flask(*words).output == "Error: The database does not answer. database or disk is full\n"


@pytest.mark.parametrize("typed", ["24/12/2026", "12/24/2026", "2026-12-24T1pm"])
def test_what_is_no_time_is_refused_with_an_example(flask, asked, typed):
    result = flask("practitioners", "off", "robin", typed, "2026-12-24")
    assert f"'{typed}' should be a day or a time, such as 2026-12-24 or 2026-12-24T13:00." in result.output
    result = flask("appointments", "offer", str(asked.id), "robin", typed)
    assert f"'{typed}' should be a time, such as 2026-12-24T13:00." in result.output


@pytest.mark.parametrize("start", ["0001-01-01", "9999-12-31"])
def test_a_year_at_the_edge_of_the_calendar_is_refused_in_words(flask, asked, start):
    for words in (
        ("practitioners", "off", "robin", start, "2026-11-24"),
        ("practitioners", "off", "all", start, start),
    ):
        result = flask(*words)
        assert result.exit_code == 1 and "The year should be" in result.output
    assert "The year should be" in flask("appointments", "offer", str(asked.id), "robin", f"{start}T09:00").output


@pytest.mark.parametrize("slug", ["robin", "all"])
def test_time_off_that_is_over_is_refused(flask, asked, slug):
    result = flask("practitioners", "off", slug, "2026-01-05", "2026-01-09")
    assert (result.exit_code, db.session.scalars(db.select(HoursException)).all()) == (1, [])
    assert "That is over already: Mon 5 Jan 2026 to Fri 9 Jan 2026." in result.output
