"""A clinic whose appointments visitors book: Robin on weekdays, Kit on Tuesdays; it is Sunday noon."""

import re
from datetime import UTC, date, datetime, time
from types import SimpleNamespace

import pytest
import time_machine
from bs4 import BeautifulSoup

from clinic_app import clock, database
from clinic_app.booking import appointments as domain
from clinic_app.booking import links, profiles, requests
from clinic_app.booking.models import Appointment
from tests.reading import only_appointment, read

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)  # noon in Sydney
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
TYPED = {
    "name": "Alex Placeholder",
    "email": "alex@example.org",
    "phone": "0491 570 006",
    "visits": "returning",
    "note": "I come by bike.\r\nIs there a rack?",
}


@pytest.fixture
def travel(app):
    """The test's clock, which stands at NOW until it is moved."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def clinic(travel, made_once):
    """Services "visit" (30 minutes, both), "first" (45, both), "check" (60, Robin, staff confirm)."""
    return made_once.rows("a clinic for visitors", _clinic)


def _clinic() -> SimpleNamespace:
    with database.transaction():
        robin = profiles.save_practitioner(
            "robin",
            name="Robin Sample",
            email="robin@clinic.example",
            position=1,
            hours={day: [(time(9), time(12)), (time(13), time(18))] for day in range(5)},
        )
        kit = profiles.save_practitioner("kit", name="Kit Example", position=2, hours={1: [(time(9), time(12))]})
        visit = profiles.save_service("visit", name="Follow-up", minutes=30, price_cents=8500, position=2)
        first = profiles.save_service(
            "first", name="First visit", minutes=45, price_cents=12000, first_visit=True, position=1
        )
        check = profiles.save_service(
            "check",
            name="Running check",
            minutes=60,
            price_cents=14000,
            confirm="staff",
            position=3,
            offered_by=[robin],
        )
    return SimpleNamespace(robin=robin, kit=kit, visit=visit, first=first, check=check)


@pytest.fixture
def visitor(client, clinic):
    """Someone who books."""
    return Visitor(client)


class Visitor:
    """Books as people do, by the forms they see."""

    def __init__(self, client):
        self.client = client

    def get(self, path, status=200) -> BeautifulSoup:
        return read(self.client.get(path), status)

    def token(self, path) -> str:
        return self.get(path).find("input", attrs={"name": "token"})["value"]

    def send(self, path, **changes):
        """Open the form at this address and send it filled in."""
        return self.client.post(path, data=TYPED | {"token": self.token(path)} | changes)

    def book(self, path="/book/visit/robin/2026-11-25T1000", **changes) -> str:
        """Book; gives the address of the page to manage it."""
        answer = self.send(path, **changes)
        assert answer.status_code == 303, answer.text
        return answer.location.partition("?")[0]


def texts(tags) -> list[str]:
    """What each says, as it stands: an element within a word is no gap."""
    return [" ".join(tag.get_text().split()) for tag in tags]


def manage_path(appointment: Appointment) -> str:
    return re.sub(r"^https://[^/]*", "", links.manage_url(appointment))


def at(day, wall) -> datetime:
    return clock.instant_of(day, time.fromisoformat(wall))


def offer(*times):
    """Staff offer these times for the only appointment, a request."""
    with database.transaction():
        robin = profiles.practitioner("robin")
        requests.offer(domain.made_with(only_appointment().nonce), times=[(robin, when) for when in times])
