"""Many people press the button at the same moment: real clients on real server processes, on both databases.

SERVED_RACE_ROUNDS says how many races of each kind are run; `make proof` runs a hundred.
"""

import http.client
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import time as wall_time
from datetime import timedelta
from threading import Barrier
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from clinic_app import clock, create_app, database
from clinic_app.booking import links, profiles
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.public.choice import start_text
from clinic_app.times.periods import Period
from clinic_app.web import form_token

from . import databases
from .server import Server
from .tally import times

ROUNDS = int(os.environ.get("SERVED_RACE_ROUNDS", times(4, 100)))
CLIENTS = 6  # an even number
ALL_DAY = {weekday: [(wall_time.min, wall_time.min)] for weekday in range(7)}
SETTINGS = {
    "rate_limits": "off",
    "public_holidays": "open",
    "booking_horizon_days": 400,
    "appointments_per_person": 100,
    "mail_worker": "separate",  # mails stay queued, to be counted
}


class Races:
    """A served site, clients that start together, and what they were answered."""

    def __init__(self, server: Server):
        self.server = server
        self.races = self.people = 0
        self.refused = 0
        self.booked = set()  # links of appointments
        self.moved = Counter()  # moves by link
        self.connections = [
            http.client.HTTPConnection("127.0.0.1", server.port, timeout=60) for _ in range(CLIENTS)
        ]
        self.pool = ThreadPoolExecutor(CLIENTS)
        self.barrier = Barrier(CLIENTS)
        self.begin = clock.instant_of(clock.today() + timedelta(days=3))

    def close(self) -> None:
        self.pool.shutdown()
        for connection in self.connections:
            connection.close()

    def next_time(self):
        """A time that no race has been about."""
        self.races += 1
        return self.begin + timedelta(hours=3 * self.races)

    def form(self) -> dict:
        """A form as somebody new would send it."""
        self.people += 1
        email = f"robin{self.people}@example.org"
        return {"name": "Robin Sample", "email": email, "visits": "new", "token": form_token.new()}

    def at_once(self, posts: list[tuple[str, dict]]) -> list[str | None]:
        """Send a post a client at the same moment; gives each one's link where it won, in their order."""
        return [self._judge(*answer) for answer in self.pool.map(self._post, self.connections, posts)]

    def _post(self, connection, post):
        path, form = post
        self.barrier.wait()
        connection.request("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", ""), answer.read().decode()

    def _judge(self, status: int, location: str, page: str) -> str | None:
        """Either the appointment's link, or a page that offers other times; anything else fails."""
        assert status in (303, 409), f"{status} {page[:2000]} {self.server.output()[-3000:]}"
        if status == 409:
            assert page.count('class="pick"') >= 2, "other times are offered"
            self.refused += 1
            return None
        link, _, note = location.partition("?note=")
        assert link.startswith(links.MANAGE_PATH)
        if note == "moved":
            self.moved[link] += 1
        else:
            self.booked.add(link)
        return link


@pytest.fixture(params=databases.KINDS)
def races(request, tmp_path):
    settings = SETTINGS | databases.settings_on(request.param, request, "clinic_races")
    with Server(tmp_path / "instance", workers=2, starter=False, **settings) as server:
        app = create_app(instance=server.instance, environ=server.environ)
        with app.app_context():
            open_all_hours()
            running = Races(server)
            yield running
            running.close()
            db.session.remove()
            db.engine.dispose()


def open_all_hours() -> None:
    """Robin and Kit work day and night; "visit" and "long" are Robin's, "either" is both's."""
    with database.transaction():
        robin = profiles.save_practitioner(
            "robin", name="Robin Sample", hours=ALL_DAY, email="robin@clinic.example"
        )
        kit = profiles.save_practitioner("kit", name="Kit Example", hours=ALL_DAY)
        profiles.save_service("visit", name="Visit", minutes=30, price_cents=0, offered_by=[robin])
        profiles.save_service("long", name="Long visit", minutes=60, price_cents=0, offered_by=[robin])
        profiles.save_service("either", name="Either", minutes=30, price_cents=0, offered_by=[robin, kit])


def path_to(service: str, person: str, starts_at) -> str:
    return f"/book/{service}/{person}/{start_text(starts_at)}"


def won(answers: list[str | None]) -> int:
    return len(answers) - answers.count(None)


def test_however_many_race_each_time_is_had_once_and_everybody_gets_a_clear_answer(races, tally, capsys):
    started = time.monotonic()
    movers = [race_of_one_form_with_itself(races) for _ in range(CLIENTS // 2)]
    for _ in range(ROUNDS):
        race_for_the_same_time(races)
        race_for_overlapping_times(races)
        race_for_anyone(races)
        race_of_moving_with_booking(races, movers)
    spent = time.monotonic() - started
    made = appointments_made(races)
    check_the_mails(races, made)
    with capsys.disabled():
        print(
            f"\n{db.engine.dialect.name}: {races.races} races of {CLIENTS} clients on 2 server processes in "
            f"{spent:.1f} s: {len(made)} appointments booked and {races.moved.total()} moves, none overlapping; "
            f"{races.refused} clients were offered other times; no error, no mail missing or double"
        )
    figures = {"faults": races.races, "tried": len(races.booked), "survived": len(made)}
    tally("people who press the button at the same moment", db.engine.dialect.name, **figures)


def race_for_the_same_time(races):
    at = races.next_time()
    people = ["robin", "anyone"] * (CLIENTS // 2)
    assert won(races.at_once([(path_to("visit", person, at), races.form()) for person in people])) == 1


def race_for_overlapping_times(races):
    at = races.next_time()
    wanted = [("visit", 0), ("visit", 15), ("long", 0), ("long", -15), ("long", -30), ("long", 15)]
    posts = [(path_to(service, "robin", at + timedelta(minutes=late)), races.form()) for service, late in wanted]
    assert won(races.at_once(posts)) == 1


def race_for_anyone(races):
    path = path_to("either", "anyone", races.next_time())
    answers = races.at_once([(path, races.form()) for _ in range(CLIENTS)])
    assert won(answers) == 2, "both practitioners are booked before anybody is turned away"


def race_of_moving_with_booking(races, movers: list[str]):
    """Half the clients move an appointment of theirs to the time that the others book."""
    at = races.next_time()
    posts = [(f"{link}/move", {"to": start_text(at)}) for link in movers]
    posts += [(path_to("visit", "robin", at), races.form()) for _ in movers]
    assert won(races.at_once(posts)) == 1


def race_of_one_form_with_itself(races) -> str:
    """Somebody presses the button many times at once: all the same appointment."""
    (link,) = set(races.at_once([(path_to("visit", "robin", races.next_time()), races.form())] * CLIENTS))
    return link


def appointments_made(races) -> dict[str, Appointment]:
    """All appointments by link: those that clients were told of, and no practitioner has two at once."""
    found = list(db.session.scalars(select(Appointment).order_by(Appointment.starts_at)))
    made = {f"{links.MANAGE_PATH}{links.token_of(appointment)}": appointment for appointment in found}
    assert set(made) == races.booked
    for person in profiles.practitioners():
        diary = [Period(a.starts_at, a.busy_until) for a in found if a.practitioner_id == person.id]
        assert not any(one.overlaps(other) for one, other in zip(diary, diary[1:], strict=False))
    return made


def check_the_mails(races, made: dict[str, Appointment]) -> None:
    """Patient, staff and practitioner heard of each booking and each move, once."""
    rows = db.session.execute(select(OutboxMail.about_id, OutboxMail.to_address, OutboxMail.name))
    wanted = Counter()
    for link, appointment in made.items():
        number, moves = appointment.id, races.moved[link]
        assert appointment.sequence == moves
        wanted[number, appointment.email, "appointment_booked"] = 1
        wanted[number, appointment.email, "appointment_moved"] = moves
        wanted[number, "hello@clinic.example", "appointment_notice"] = 1 + moves
        if appointment.practitioner.email:
            wanted[number, appointment.practitioner.email, "appointment_notice"] = 1 + moves
    assert Counter(tuple(row) for row in rows) == wanted
