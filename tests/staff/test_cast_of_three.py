"""Practitioners A and B and reception; patient A's link and patient B's: nobody reaches what is another's.

Every address with a number or a secret in it is asked for, so that new ones are too.
"""

from datetime import time, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from clinic_app import clock, database
from clinic_app.booking import appointments, hours, links, profiles
from clinic_app.booking.models import Appointment, AppointmentChange
from clinic_app.extensions import db
from clinic_app.times.periods import Period

from .conftest import is_told_gone
from .test_permissions import METHODS, may_enter, needs_of, send
from .things import WHOLE_DAYS, make_things

NAMES = {"A": "Robin Sample", "B": "Kit Example"}


@pytest.fixture
def cast(app, staff):
    """`A` and `B`: a practitioner each, with an appointment, time off, and a member who is them; and reception."""
    with database.transaction():
        things = make_things()
        people = {"A": profiles.practitioner("robin")}
        people["B"] = profiles.save_practitioner("kit", name=NAMES["B"], hours=WHOLE_DAYS)
        theirs = {key: belongings(person, key) for key, person in people.items()}
    members = {key: staff("practitioner", practitioner=person) for key, person in people.items()}
    return SimpleNamespace(things=things, theirs=theirs, reception=staff("reception"), **members)


def belongings(person, key: str) -> dict:
    """What is this practitioner's, and their patient's: arguments of addresses."""
    made = appointments.book(
        service=profiles.service("visit"),
        practitioner=person,
        starts_at=clock.instant_of(clock.today() + timedelta(days=5), time(10)),
        patient=appointments.Patient(name=f"Patient {key} Placeholder", email=f"{key}@example.org"),
    )
    away = hours.take_time_off(person, Period(clock.now(), clock.now() + timedelta(hours=1)))
    db.session.flush()
    return {
        "practitioner_id": person.id,
        "appointment_id": made.id,
        "exception_id": away.id,
        "token": links.token_of(made),
    }


def addresses(app, things: dict, theirs: dict, *, under: str, within: set[str]):
    """(endpoint, method, path) of every address below `under` that has one of the arguments `within`."""
    with app.test_request_context("/staff"):
        for rule in app.url_map.iter_rules():
            if rule.rule.startswith(under) and rule.arguments & within:
                path = app.url_for(rule.endpoint, **{name: (things | theirs)[name] for name in rule.arguments})
                yield from ((rule.endpoint, method, path) for method in METHODS if method in rule.methods)


def state():
    """What could be changed: appointments and what happened to them."""
    db.session.rollback()
    found = db.session.execute(select(Appointment.id, Appointment.status, Appointment.starts_at))
    return sorted(found.all()), db.session.scalars(select(AppointmentChange.id)).all()


@pytest.mark.parametrize(("who", "other"), [("A", "B"), ("B", "A")])
def test_a_practitioner_reaches_nothing_of_another(app, cast, who, other):
    numbers = {"practitioner_id", "appointment_id", "exception_id"}
    before, asked = state(), 0
    for endpoint, method, path in addresses(app, cast.things, cast.theirs[other], under="/staff", within=numbers):
        client = getattr(cast, who)
        if method == "POST" and may_enter("practitioner", needs_of(app, endpoint)):
            assert is_told_gone(client, path), path
        else:
            answer = send(client, method, path)
            expected = 404 if may_enter("practitioner", needs_of(app, endpoint)) else 403
            assert answer.status_code == expected, (method, path, answer.status_code)
            assert f"Patient {other}" not in answer.text
        asked += 1
    assert asked > 20
    assert state() == before


@pytest.mark.parametrize("page", ["/staff", "/staff/calendar", "/staff/calendar/hours", "/staff/calendar/book"])
def test_a_practitioners_lists_are_their_own(cast, page):
    day = (clock.today() + timedelta(days=5)).isoformat()
    for query in (f"?day={day}", f"?day={day}&practitioner=kit", f"?day={day}&practitioner=all"):
        text = cast.A.get(page + query).text
        assert "Patient B" not in text, query
        assert NAMES["B"] not in text, query


def test_a_practitioner_books_nobody_elses_time(cast):
    day = clock.today() + timedelta(days=6)
    typed = {
        "service": "visit",
        "practitioner": "kit",
        "day": day.isoformat(),
        "at": "10:00",
        "name": "Alex Placeholder",
        "email": "alex@example.org",
    }
    before = state()
    cast.A.post("/staff/calendar/book", data=typed | {"practitioner": str(cast.theirs["B"]["practitioner_id"])})
    cast.A.post("/staff/calendar/book", data=typed)
    new = set(state()[0]) - set(before[0])
    with database.transaction():
        assert not any(db.session.get(Appointment, row.id).practitioner.slug == "kit" for row in new)


def test_reception_keeps_both_calendars_and_is_no_owner(app, cast):
    for key in ("A", "B"):
        path = f"/staff/appointments/{cast.theirs[key]['appointment_id']}"
        assert f"Patient {key}" in cast.reception.get(path).text
    for path in ("/staff/team", "/staff/audit", "/staff/services", "/staff/people/erasures"):
        assert cast.reception.get(path).status_code == 403, path


def test_a_patients_link_opens_their_own_appointment_only(app, cast, client):
    ours, theirs = cast.theirs["A"]["token"], cast.theirs["B"]["token"]
    for _, method, path in addresses(app, cast.things, cast.theirs["A"], under="/a/", within={"token"}):
        if method == "GET":
            assert "Patient B" not in client.get(path, follow_redirects=True).text
    for token in (
        ours[:-1],
        ours.lower(),
        ours + "=",
        theirs[:16] + ours[16:],
        str(cast.theirs["A"]["appointment_id"]),
    ):
        for _, method, path in addresses(app, cast.things, {"token": token}, under="/a/", within={"token"}):
            assert client.open(path, method=method).status_code in (303, 404), (method, path)
    before = state()
    client.post(f"/a/{ours}/cancel")
    changed = {now.id for now, then in zip(state()[0], before[0], strict=True) if now != then}
    assert changed == {cast.theirs["A"]["appointment_id"]}


def test_a_secret_link_gives_nothing_away_by_how_it_is_wrong(cast, client):
    ours = cast.theirs["A"]["token"]
    almost = ours[:-1] + ("y" if ours.endswith("x") else "x")
    answers = [client.get(f"/a/{token}") for token in (almost, "x", "x" * 32, "x" * 2_000)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text.replace(answer.request.path, "") for answer in answers}) == 1


def test_a_patients_link_and_a_calendars_address_are_no_sign_in(cast, client):
    client.get(f"/a/{cast.theirs['A']['token']}")
    assert client.get("/staff").status_code == 302
    assert "address doesn’t work" in client.get(f"/calendar/{cast.theirs['A']['token']}.ics").text
