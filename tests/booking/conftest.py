"""A clinic to book at: Robin works on weekdays, Kit on Tuesdays and into the night on Fridays."""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from clinic_app import clock, database
from clinic_app.booking import appointments, profiles
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail

MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)  # Saturday noon in Sydney


@pytest.fixture(autouse=True)
def travel():
    """The clock of all these tests, which stands at NOW until it is moved."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def at(app):
    """The instant of a time on the wall: `at(MONDAY, "09:30")`."""
    return lambda day, wall="00:00": clock.instant_of(day, time.fromisoformat(wall))


@pytest.fixture
def nine_thirty(at):
    """When appointments start unless a test says otherwise."""
    return at(MONDAY, "09:30")


@pytest.fixture
def clinic(app, made_once):
    """Its ids, by name. Wide awake: read rows by them after each transaction."""
    return made_once.rows("a clinic to book at", _clinic)


def _clinic() -> SimpleNamespace:
    with database.transaction():
        visit = profiles.save_service("visit", name="Follow-up", minutes=30, price_cents=8500, position=2)
        first = profiles.save_service(
            "first", name="First visit", minutes=45, price_cents=12000, first_visit=True, position=1
        )
        check = profiles.save_service(
            "check", name="Running check", minutes=60, price_cents=14000, confirm="staff", position=3
        )
        robin = profiles.save_practitioner(
            "robin",
            name="Robin Sample",
            email="robin@example.org",
            position=1,
            hours={day: [(time(9), time(12)), (time(13), time(17))] for day in range(5)},
        )
        kit = profiles.save_practitioner(
            "kit", name="Kit Example", position=2, hours={1: [(time(9), time(12))], 4: [(time(22), time(1))]}
        )
    return SimpleNamespace(visit=visit, first=first, check=check, robin=robin, kit=kit)


@pytest.fixture
def wall():
    """How a slot reads on the wall: `24 Nov 09:30`."""
    return lambda slot: f"{clock.local(slot.starts_at):%d %b %H:%M}"


def days(count: int) -> timedelta:
    return timedelta(days=count)


ALEX = appointments.Patient(
    name="Alex Placeholder",
    email="Alex@example.org",
    phone="+61491570006",
    is_new=True,
    note="Left side first, please.",
)
LEE = appointments.Patient(name="Lee Invented", email="lee@example.com")


def do(verb, *args, now=NOW, **kwargs):
    """Call a verb of the domain as an edge does: in a transaction of its own, at NOW unless told otherwise."""
    with time_machine.travel(now, tick=False), database.transaction():
        return verb(*args, **kwargs)


@pytest.fixture
def book(clinic, at):
    """Books a follow-up for Alex on Monday, 9:30 am, with whoever is free, unless told otherwise."""

    def book(day=MONDAY, wall="09:30", **changes):
        wanted = {"service": clinic.visit, "starts_at": at(day, wall), "patient": ALEX, **changes}
        return do(appointments.book, **wanted)

    return book


@pytest.fixture
def asked(book, clinic):
    """A request for a running check on Monday, 9:30 am."""
    return book(service=clinic.check)


def mails() -> list[tuple[str, str]]:
    """(name, recipient) of all mails, in the order in which they were queued."""
    return [
        (mail.name.removeprefix("appointment_"), mail.to_address)
        for mail in db.session.scalars(db.select(OutboxMail).order_by(OutboxMail.id))
    ]


def last_mail(name: str) -> OutboxMail:
    query = db.select(OutboxMail).filter_by(name=f"appointment_{name}").order_by(OutboxMail.id.desc())
    return db.session.scalars(query).first()
