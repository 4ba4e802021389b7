"""Many races between real processes; `RACE_ROUNDS=200 RACE_CLIENTS=8` makes them longer, `make proof` too."""

from collections import Counter, defaultdict
from datetime import time

import pytest
import time_machine

from clinic_app import database
from clinic_app.booking import profiles, requests
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.processes import context
from tests.server import DEADLINE_SECONDS

from . import races
from .races import CLIENTS, RACES, ROUNDS, Turn

ALWAYS = {day: [(time(0), time(0))] for day in range(7)}
ENVIRONMENT = {"CLINIC_BOOKING_HORIZON_DAYS": "400", "CLINIC_APPOINTMENTS_PER_PERSON": "1"}
ENVIRONMENT |= {"CLINIC_PUBLIC_HOLIDAYS": "open", "CLINIC_PUBLIC_URL": "https://clinic.example"}


@pytest.fixture
def clinic(app, with_settings):
    with_settings(booking_horizon_days=400, public_holidays="open", appointments_per_person=1)
    with database.transaction():
        profiles.save_service("visit", name="Follow-up", minutes=30, price_cents=8500)
        profiles.save_service("long", name="Long visit", minutes=60, price_cents=8500)
        profiles.save_service("check", name="Running check", minutes=30, price_cents=8500, confirm="staff")
        profiles.save_practitioner("robin", name="Robin Sample", position=1, hours=ALWAYS)
        profiles.save_practitioner("kit", name="Kit Example", position=2, hours=ALWAYS)
    for kind, ready in {
        "move_or_book": lambda turn: turn.client % 2 == 0 and races.book(turn, at=turn.at(12 + turn.client)),
        "swap": lambda turn: races.book(turn, at=turn.at(12 + turn.client)),
        "accept_one_request": lambda turn: turn.client == 0 and races.book(turn, service="check"),
        "accept_or_cancel": lambda turn: turn.client == 0 and races.book(turn, service="check"),
        "choose_one_offered_time": _offered,
        "remind": lambda turn: races.book(turn, at=turn.at(12 + turn.client)),
    }.items():
        with database.transaction():
            for round_ in range(ROUNDS):
                for client in range(CLIENTS):
                    turn = Turn(kind, round_, client)
                    with time_machine.travel(turn.now):
                        ready(turn)


def _offered(turn):
    asked = races.book(turn, service="check", at=turn.at(12 + turn.client))
    requests.offer(asked, times=[(profiles.practitioner("robin"), turn.at(9))])


@pytest.fixture
def outcomes(clinic, app):
    """What came of every turn: {(kind, round): Counter of outcomes}, after all processes have ended."""
    environ = dict(ENVIRONMENT)
    if db.engine.dialect.name == "postgresql":
        environ["CLINIC_DATABASE_URL"] = app.config["SQLALCHEMY_DATABASE_URI"]
    barrier, results = context.Barrier(CLIENTS), context.Queue()
    clients = [
        context.Process(target=races.client, args=(n, app.instance_path, environ, barrier, results), daemon=True)
        for n in range(CLIENTS)
    ]
    for process in clients:
        process.start()
    found = defaultdict(list)
    for _ in range(len(RACES) * ROUNDS * CLIENTS):
        kind, round_, client, outcome = results.get(timeout=DEADLINE_SECONDS)
        found[kind, round_].append((client, outcome))
    for process in clients:
        process.join(DEADLINE_SECONDS)
        assert process.exitcode == 0
    return found


def winners(turns) -> list[tuple[int, str]]:
    return [(client, outcome) for client, outcome in turns if outcome.startswith("ok ")]


def test_every_race_ends_with_clear_answers_and_nobody_booked_twice(outcomes, tally, capsys):
    answers = defaultdict(Counter)
    for (kind, _), turns in outcomes.items():
        answers[kind].update(outcome.split()[0] for _, outcome in turns)
    _print(answers, capsys)
    errors = [outcome for turns in outcomes.values() for _, outcome in turns if outcome.startswith("error")]
    assert not errors, errors[:3]
    for (kind, round_), turns in outcomes.items():
        CHECKS[kind](Turn(kind, round_, 0), turns)
    assert _overlaps() == []
    _check_mails()
    turns = len(outcomes) * CLIENTS
    tally(
        "processes at one clinic's times",
        db.engine.dialect.name,
        faults=len(outcomes),
        tried=turns,
        survived=turns,
    )


def _print(answers, capsys):
    with capsys.disabled():
        print(f"\n{db.engine.dialect.name}: {ROUNDS} rounds of each race, {CLIENTS} processes")
        for kind, counts in answers.items():
            print(f"  {kind.replace('_', ' '):26}", ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
        print(f"  overlapping appointments: {len(_overlaps())}")


def holders(turn, hour=9) -> list[Appointment]:
    """Who holds Robin's time at this hour of the round's day."""
    query = db.select(Appointment).where(
        Appointment.status.in_(("requested", "booked")),
        Appointment.practitioner_id == profiles.practitioner("robin").id,
        Appointment.starts_at < turn.at(hour + 1),
        Appointment.busy_until > turn.at(hour),
    )
    return list(db.session.scalars(query))


def one_wins(turn, turns):
    won = winners(turns)
    assert len(won) == len(holders(turn)) == 1
    assert f"ok {holders(turn)[0].id}" == won[0][1]
    assert all(outcome == "SlotTaken" for turn_ in turns if (outcome := turn_[1]) != won[0][1])


def each_practitioner_wins_once(turn, turns):
    assert len({outcome for _, outcome in winners(turns)}) == min(2, CLIENTS)
    assert {outcome.split()[0] for _, outcome in turns} <= {"ok", "SlotTaken"}
    assert len(holders(turn)) == 1


def one_holds_it_and_losers_stay_where_they_were(turn, turns):
    one_wins(turn, turns)
    for client, outcome in turns:
        if client % 2 == 0:
            wanted = turn.at(9) if outcome.startswith("ok") else turn.at(12 + client)
            assert turn.prepared(client).starts_at == wanted


def everyone_is_somewhere(turn, turns):
    assert {outcome.split()[0] for _, outcome in turns} <= {"ok", "SlotTaken"}
    for client, outcome in turns:
        hour = 12 + (client + 1) % CLIENTS if outcome.startswith("ok") else 12 + client
        assert turn.prepared(client).starts_at == turn.at(hour)


def all_agree(turn, turns):
    assert len({outcome for _, outcome in turns}) == 1 and len(winners(turns)) == CLIENTS
    assert len(holders(turn)) == 1


def accepted_and_cancelled_in_some_order(turn, turns):
    """Once accepted it can be cancelled; once cancelled it cannot be accepted. It ends cancelled."""
    assert {outcome.split()[0] for _, outcome in turns} <= {"ok", "NotUpcoming"}
    assert all(outcome.startswith("ok") for client, outcome in turns if client % 2 == 0)
    assert turn.prepared(0).status == "cancelled"


def cap_holds(turn, turns):
    assert len(winners(turns)) == 1
    assert Counter(outcome.split()[0] for _, outcome in turns)["TooManyAppointments"] == CLIENTS - 1


def together_they_remind_of_all(turn, turns):
    assert sum(int(outcome.split()[1]) for _, outcome in turns) == CLIENTS


CHECKS = {
    "same_slot": one_wins,
    "overlapping_slots": one_wins,
    "anyone": each_practitioner_wins_once,
    "move_or_book": one_holds_it_and_losers_stay_where_they_were,
    "swap": everyone_is_somewhere,
    "accept_one_request": all_agree,
    "choose_one_offered_time": one_wins,
    "accept_or_cancel": accepted_and_cancelled_in_some_order,
    "one_form": all_agree,
    "one_persons_cap": cap_holds,
    "raw_sql_or_book": one_wins,
    "remind": together_they_remind_of_all,
}


def _overlaps():
    one, other = db.aliased(Appointment), db.aliased(Appointment)
    held = ("requested", "booked", "fulfilled")
    return db.session.execute(
        db.select(one.id, other.id).where(
            one.id < other.id,
            one.practitioner_id == other.practitioner_id,
            one.status.in_(held),
            other.status.in_(held),
            one.starts_at < other.busy_until,
            other.starts_at < one.busy_until,
        )
    ).all()


def _check_mails():
    """Each appointment has the mails of what happened to it, once each, and no other has any."""
    got = defaultdict(Counter)
    for mail in db.session.scalars(db.select(OutboxMail)):
        got[mail.about_id][mail.name.removeprefix("appointment_")] += 1
    for made in db.session.scalars(db.select(Appointment).where(Appointment.name != "Raw")):
        mails = got.pop(made.id)
        asked = made.service.confirm == "staff"
        assert mails["requested"] == asked
        assert mails["moved"] == (made.sequence if not asked else 0)
        assert mails["cancelled"] == (made.status == "cancelled")
        assert mails["booked"] <= 1
        if made.status == "booked":
            assert mails["booked"] == 1
        accepted = made.email.startswith("accept") and mails["booked"]  # which staff, who did it, are not told
        assert mails["notice"] == 1 + made.sequence - accepted
        assert mails["reminder"] == made.email.startswith("remind-")
    assert not got
