"""A Wednesday at reception, from signing in to going home, in a real browser; the site's clock is set to it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from clinic_app import create_app, database
from clinic_app.accounts.models import Member
from clinic_app.booking import appointments, profiles
from clinic_app.booking.appointments import Patient
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.factories import enquire
from tests.server import served_here
from tests.staff.conftest import PASSWORD, PASSWORD_HASH

from .conftest import visiting

MORNING = datetime(2026, 11, 24, 20, 55, tzinfo=UTC)  # five to eight in Sydney
SETTINGS = {"CLINIC_RATE_LIMITS": "off", "CLINIC_UNDO_SECONDS": "300", "CLINIC_MAIL_WORKER": "separate"}
EXPECTED = {"8:00 am": "Lee Invented", "9:30 am": "Sam Sample", "11:00 am": "Max Madeup"}


@pytest.fixture
def day():
    """The day's clock: `day.shift(timedelta)` lets time pass."""
    with time_machine.travel(MORNING) as traveller:
        yield traveller


@pytest.fixture
def clinic(day, tmp_path):
    """Three people are expected today, and somebody has written overnight."""
    app = create_app(instance=tmp_path, environ=SETTINGS | {"CLINIC_PUBLIC_URL": "http://127.0.0.1"})
    app.test_cli_runner().invoke(args=["setup"], catch_exceptions=False)
    with app.app_context(), time_machine.travel(MORNING - timedelta(days=2)), database.transaction():
        for hours, name in zip((0, 1.5, 3), EXPECTED.values(), strict=True):
            _book(name, MORNING + timedelta(minutes=5, hours=hours))
        columns = {"role_names": ["reception"], "password": PASSWORD_HASH}
        db.session.add(Member(name="Casey Invented", email="casey@clinic.example", **columns))
    with app.app_context(), time_machine.travel(MORNING - timedelta(hours=9)), database.transaction():
        enquire(name="Jo Fictional", email="jo@example.org", message="Is there a step at the door?")
    yield app
    with app.app_context():
        db.engine.dispose()


def _book(name: str, starts_at: datetime) -> None:
    robin, follow_up = profiles.practitioner("robin-sample"), profiles.service("follow-up")
    patient = Patient(name=name, email=name.split()[0].lower() + "@example.org", phone="+61491570006")
    appointments.book(service=follow_up, practitioner=robin, starts_at=starts_at, patient=patient)


@pytest.fixture(params=["with script", "without script"])
def desk(request, browser, clinic):
    """The browser at reception."""
    has_script = request.param == "with script"
    with (
        served_here(clinic) as url,
        visiting(browser, SimpleNamespace(url=url), java_script_enabled=has_script) as page,
    ):
        yield page


def test_a_day_at_reception(desk, day, clinic):
    sign_in_and_see_what_waits(desk)
    answer_what_came_overnight(desk)
    book_for_somebody_on_the_phone(desk)
    say_that_the_first_has_arrived(desk)
    day.shift(timedelta(hours=2))  # five to ten
    press_the_wrong_button_and_undo_it(desk)
    move_somebody_who_rings(desk)
    day.shift(timedelta(hours=7))  # nearly five
    close_the_day(desk)
    assert mails_of(clinic) == [
        ("enquiry_reply", "jo@example.org"),
        ("appointment_booked", "kim@example.org"),
        ("appointment_moved", "max@example.org"),
    ]


def sign_in_and_see_what_waits(desk) -> None:
    desk.goto("/staff")
    desk.get_by_label("Email address").fill("casey@clinic.example")
    desk.get_by_label("Password").fill(PASSWORD)
    desk.get_by_role("button", name="Sign in", exact=True).click()
    desk.get_by_role("heading", name="Queue").wait_for()
    waits = desk.get_by_role("region", name="Waiting for you")
    assert waits.get_by_role("listitem").count() == 1
    assert "Jo Fictional" in waits.inner_text()
    today = " ".join(desk.get_by_role("region", name="Today, Wed 25 Nov").inner_text().split())
    assert all(f"{time} {name}" in today for time, name in EXPECTED.items())


def answer_what_came_overnight(desk) -> None:
    desk.locator(".row", has_text="Jo Fictional").get_by_role("link", name="Answer").click()
    desk.get_by_label("Your reply").fill("No step, and a ramp from the car park.")
    desk.get_by_role("button", name="Send and close").click()
    desk.locator(".thread").get_by_text("a ramp from the car park").wait_for()
    desk.goto("/staff")
    desk.get_by_role("heading", name="Nothing is waiting").wait_for()


def book_for_somebody_on_the_phone(desk) -> None:
    desk.get_by_role("link", name="Open the calendar").click()
    desk.get_by_role("link", name="8:30 am free").click()
    assert desk.locator("#practitioner").input_value() == "robin-sample"
    assert desk.locator("#at").input_value() == "08:30"
    desk.get_by_role("button", name="Book the appointment").click()
    desk.get_by_role("alert").get_by_role("link", name="Enter their full name").click()
    desk.get_by_label("Full name").fill("Kim Imaginary")
    desk.get_by_label("Phone number").fill("0491 570 313")
    desk.get_by_label("Email address").fill("kim@example.org")
    desk.get_by_role("button", name="Book the appointment").click()
    desk.get_by_role("status").get_by_text("Booked").wait_for()


def arrived(desk, name: str):
    """The button for it on the calendar."""
    return desk.locator(".block", has_text=name).get_by_role("button", name="Arrived")


def say_that_the_first_has_arrived(desk) -> None:
    desk.goto("/staff/calendar")
    arrived(desk, "Lee Invented").click()
    desk.get_by_text("Marked as arrived.").wait_for()
    assert arrived(desk, "Lee Invented").count() == 0
    assert desk.locator(".block-fulfilled", has_text="Lee Invented").is_visible()


def press_the_wrong_button_and_undo_it(desk) -> None:
    desk.goto("/staff/calendar")
    desk.get_by_role("link", name="Sam Sample").click()
    desk.get_by_role("button", name="No-show", exact=True).click()
    desk.get_by_text("Marked as no-show.").wait_for()
    desk.get_by_role("button", name="Undo").click()
    desk.get_by_text("Undone.").wait_for()
    desk.get_by_role("button", name="Arrived", exact=True).click()
    desk.get_by_text("Marked as arrived.").wait_for()
    history = desk.get_by_role("region", name="History").inner_text()
    assert "Undone by Casey Invented" in history


def move_somebody_who_rings(desk) -> None:
    desk.goto("/staff/calendar")
    desk.get_by_role("link", name="Max Madeup").click()
    desk.get_by_role("link", name="Move", exact=True).click()
    desk.locator(".free-day[open] .slot", has_text="3:00 pm").click()
    desk.get_by_role("status").get_by_text("Moved").wait_for()
    desk.goto("/staff/calendar")
    assert desk.get_by_role("link", name="3:00 pm Max Madeup").count()


def close_the_day(desk) -> None:
    desk.goto("/staff/calendar")
    arrived(desk, "Max Madeup").click()
    desk.get_by_role("link", name="Kim Imaginary").click()
    desk.get_by_role("button", name="No-show", exact=True).click()
    desk.get_by_text("Marked as no-show.").wait_for()
    desk.goto("/staff/calendar")
    assert desk.locator(".block-fulfilled").count() == len(EXPECTED)
    missed = desk.get_by_role("region", name="Cancelled and missed")
    assert "Kim Imaginary" in missed.inner_text() and "No-show" in missed.inner_text()
    desk.goto("/staff")
    desk.get_by_role("heading", name="Nothing is waiting").wait_for()
    desk.get_by_role("button", name="Sign out").click()
    desk.get_by_role("heading", name="Sign in").wait_for()


def mails_of(clinic) -> list[tuple[str, str]]:
    """The mails to patients that today's work has caused, in order."""
    with clinic.app_context():
        today = db.select(OutboxMail).filter(OutboxMail.created_at >= MORNING).order_by(OutboxMail.id)
        mails = db.session.scalars(today.filter(OutboxMail.to_address.endswith("@example.org"))).all()
        return [(mail.name, mail.to_address) for mail in mails]
