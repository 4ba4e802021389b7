"""A clinic whose reception keeps the calendar: Robin on weekdays, Kit on Tuesdays; it is Monday, 9:20 am."""

from datetime import UTC, date, datetime, time
from types import SimpleNamespace

import pytest
import time_machine
from bs4 import BeautifulSoup
from sqlalchemy import select

from clinic_app import clock, database
from clinic_app.booking import appointments, profiles
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.reading import parsed, read

NOW = datetime(2026, 11, 22, 22, 20, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
ALEX = appointments.Patient(name="Alex Placeholder", email="alex@example.org", phone="+61491570006")
LEE = appointments.Patient(name="Lee Invented", email="lee@example.com")


@pytest.fixture
def travel(app):
    """The test's clock, which stands until it is moved."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def clinic(travel, made_once):
    """Services "visit" (30 minutes, both), "check" (60, Robin, staff confirm)."""
    return made_once.rows("a clinic with a calendar", _clinic)


def _clinic() -> SimpleNamespace:
    with database.transaction():
        robin = profiles.save_practitioner(
            "robin",
            name="Robin Sample",
            email="robin@clinic.example",
            position=1,
            hours={day: [(time(9), time(12)), (time(13), time(17))] for day in range(5)},
        )
        kit = profiles.save_practitioner("kit", name="Kit Example", position=2, hours={1: [(time(9), time(12))]})
        visit = profiles.save_service("visit", name="Follow-up", minutes=30, price_cents=8500, position=1)
        check = profiles.save_service(
            "check",
            name="Running check",
            minutes=60,
            price_cents=14000,
            confirm="staff",
            position=2,
            offered_by=[robin],
        )
    return SimpleNamespace(robin=robin, kit=kit, visit=visit, check=check)


@pytest.fixture
def at(app):
    """The instant of a time on the wall: `at(MONDAY, "09:30")`."""
    return lambda day, wall: clock.instant_of(day, time.fromisoformat(wall))


@pytest.fixture
def book(clinic, at):
    """Books a follow-up for Alex with Robin on Monday, 10 am, as patients do, unless told otherwise."""

    def book(day=MONDAY, wall="10:00", **changes):
        wanted = {"service": clinic.visit, "practitioner": clinic.robin, "patient": ALEX}
        wanted |= {"starts_at": at(day, wall), **changes}
        with time_machine.travel(datetime(2026, 11, 20, tzinfo=UTC)), database.transaction():
            return appointments.book(**wanted)

    return book


@pytest.fixture
def made(book):
    """Alex, booked with Robin on Monday at 10 am."""
    return book()


@pytest.fixture
def asked(book, clinic):
    """Alex's request for a running check on Monday at 2 pm."""
    return book(wall="14:00", service=clinic.check)


def page_of(appointment) -> str:
    return f"/staff/appointments/{appointment.id}"


class Desk:
    """Someone of staff at their browser."""

    def __init__(self, client):
        self.client = client

    def get(self, path, status=200) -> BeautifulSoup:
        return read(self.client.get(path), status)

    def post(self, path, status=303, **data) -> BeautifulSoup:
        """Send a form; gives the page that it leads to, or that it answers with."""
        answer = self.client.post(path, data=data)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return self.get(answer.location.partition("#")[0]) if status == 303 else parsed(answer.text)

    def undo(self, page) -> BeautifulSoup:
        """Press the button "Undo" on the page."""
        (form,) = (form for form in page.select(".flash form") if form.button.text == "Undo")
        return self.post(form["action"])


@pytest.fixture
def desk(staff, clinic):
    """Reception, who keeps everyone's calendar."""
    return Desk(staff("reception"))


@pytest.fixture
def own(staff, clinic):
    """Robin, who sees their own calendar."""
    return Desk(staff("practitioner", practitioner=clinic.robin))


def mails() -> list[str]:
    """The names of all mails, in order."""
    db.session.rollback()
    found = db.session.scalars(select(OutboxMail.name).order_by(OutboxMail.id))
    return [name.removeprefix("appointment_") for name in found]


def last_mail(name: str) -> OutboxMail:
    db.session.rollback()
    query = select(OutboxMail).filter_by(name=f"appointment_{name}").order_by(OutboxMail.id.desc())
    return db.session.scalars(query).first()


def all_sent():
    with database.transaction():
        db.session.execute(db.update(OutboxMail).values(state="sent", sent_at=NOW))


def mail_page(name: str) -> str:
    """The page of the oldest mail of this name."""
    db.session.rollback()
    query = db.select(OutboxMail.id).filter_by(name=f"appointment_{name}").order_by(OutboxMail.id)
    return f"/staff/mail/{db.session.scalars(query).first()}"


def flashes(page) -> list[str]:
    return [" ".join(flash.p.text.split()) for flash in page.select(".flash")]
