"""Clients in processes of their own, all let go at once, round after round, at one clinic's appointments."""

import os
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import time_machine
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from clinic_app import clock, create_app, database
from clinic_app.booking import appointments, profiles, reminders, requests
from clinic_app.booking.models import Appointment, Practitioner, Service
from clinic_app.booking.refusals import Refused
from clinic_app.extensions import db
from tests.server import DEADLINE_SECONDS
from tests.tally import times

CLIENTS = int(os.environ.get("RACE_CLIENTS", "4"))
ROUNDS = int(os.environ.get("RACE_ROUNDS", times(3, 50)))  # of each kind
FIRST_DAY = date(2027, 3, 1)


@dataclass(frozen=True)
class Turn:
    """One client's turn in one round of a race; each kind of race has days of its own."""

    kind: str
    round: int
    client: int

    @property
    def day(self) -> date:
        return FIRST_DAY + timedelta(days=list(RACES).index(self.kind) * ROUNDS + self.round)

    @property
    def now(self) -> datetime:
        """The clients' present: ten days before."""
        return clock.instant_of(self.day - timedelta(days=10))

    def at(self, hour: int, minute: int = 0) -> datetime:
        return clock.instant_of(self.day, time(hour, minute))

    @property
    def patient(self) -> appointments.Patient:
        return appointments.Patient(
            name="Pat Pretend", email=f"{self.kind}-{self.round}-{self.client}@example.org"
        )

    def prepared(self, client: int) -> Appointment:
        """The appointment that was prepared for a client of this round."""
        email = Turn(self.kind, self.round, client).patient.email
        return db.session.scalars(select(Appointment).where(Appointment.email == email)).one()


def book(turn, *, service="visit", at=None, who="robin", **changes) -> Appointment:
    wanted = {
        "service": profiles.service(service),
        "starts_at": at or turn.at(9),
        "practitioner": who and profiles.practitioner(who),
        "patient": turn.patient,
    }
    return appointments.book(**{**wanted, **changes})


def same_slot(turn):
    return book(turn)


def overlapping_slots(turn):
    return book(turn, service="long", at=turn.at(9) + timedelta(minutes=15 * (turn.client % 4)))


def anyone(turn):
    return book(turn, who=None)


def move_or_book(turn):
    if turn.client % 2:
        return book(turn)
    return appointments.reschedule(turn.prepared(turn.client), starts_at=turn.at(9))


def swap(turn):
    """Everyone moves to where the next one is: nobody can, or some can, and nobody waits for ever."""
    target = turn.at(12 + (turn.client + 1) % CLIENTS)
    return appointments.reschedule(turn.prepared(turn.client), starts_at=target)


def accept_one_request(turn):
    return requests.accept(turn.prepared(0))


def choose_one_offered_time(turn):
    robin = profiles.practitioner("robin")
    return requests.choose(turn.prepared(turn.client), practitioner=robin, starts_at=turn.at(9))


def accept_or_cancel(turn):
    if turn.client % 2:
        return requests.accept(turn.prepared(0))
    return appointments.cancel(turn.prepared(0))


def one_form(turn):
    return book(turn, patient=Turn(turn.kind, turn.round, 0).patient, nonce=f"form {turn.round}")


def one_persons_cap(turn):
    person = appointments.Patient(name="Sam Sample", email=f"cap-{turn.round}@example.org")
    return book(turn, patient=person, at=turn.at(9 + turn.client), who=("robin", "kit")[turn.client % 2])


def raw_sql_or_book(turn):
    if turn.client % 2:
        return book(turn)
    robin = db.session.scalar(select(Practitioner.id).where(Practitioner.slug == "robin"))
    visit = db.session.scalar(select(Service.id).where(Service.slug == "visit"))
    end = turn.at(9, 30)
    row = {"practitioner_id": robin, "service_id": visit, "status": "booked", "made_by": "staff", "name": "Raw"}
    row |= {"starts_at": turn.at(9), "ends_at": end, "busy_until": end, "email": turn.patient.email}
    return db.session.scalars(insert(Appointment).values(token_hash=str(turn), **row).returning(Appointment)).one()


def remind(turn):
    with time_machine.travel(turn.at(0)):
        return reminders.send_due()


RACES = {
    race.__name__: race
    for race in (
        same_slot,
        overlapping_slots,
        anyone,
        move_or_book,
        swap,
        accept_one_request,
        choose_one_offered_time,
        accept_or_cancel,
        one_form,
        one_persons_cap,
        raw_sql_or_book,
        remind,
    )
}


def client(number: int, instance, environ: dict, barrier, results) -> None:
    """One process: takes its turn in every round, and reports (kind, round, client, what came of it)."""
    app = create_app(instance=instance, environ=environ)
    with app.app_context():
        for kind, race in RACES.items():
            for round_ in range(ROUNDS):
                turn = Turn(kind, round_, number)
                barrier.wait(DEADLINE_SECONDS)
                results.put((kind, round_, number, _outcome(race, turn)))


def _outcome(race, turn) -> str:
    try:
        with time_machine.travel(turn.now), database.transaction():
            made = race(turn)
            return f"ok {made if race is remind else made.id}"
    except Refused as refusal:
        return type(refusal).__name__
    except DBAPIError as error:
        if race is raw_sql_or_book and turn.client % 2 == 0:
            return "SlotTaken"  # raw SQL is told so by the database itself
        return f"error {error}"
    except Exception as error:
        return f"error {error!r}"
