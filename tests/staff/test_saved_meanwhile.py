"""Two who change the same thing at once: the second sees what the first saved, before anything of it is lost."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import time, timedelta
from types import SimpleNamespace

import pytest

from clinic_app import clock, database
from clinic_app.accounts.models import Member
from clinic_app.booking import hours, profiles
from clinic_app.booking.models import Appointment, Practitioner, Service
from clinic_app.enquiries import inbox, references, reply_templates
from clinic_app.enquiries.models import ReplyTemplate
from clinic_app.extensions import db
from tests.booking.make import keep, row
from tests.factories import enquire
from tests.reading import read

from .conftest import client_of, new_member
from .signing import prove


@dataclass(frozen=True)
class Case:
    """What two people change: the one first, then the other, who opened the page before; and what stands."""

    path: str
    theirs: dict
    mine: dict
    told: tuple[str, str]  # what the second is told that the first has saved
    stands: object  # what the database has, as a tuple of both


def _hours_of(number: int) -> tuple:
    week = hours.weekly([db.session.get(Practitioner, number)])[number]
    return week[0], week[5]


CASES = {
    "hours": Case(
        "/staff/calendar/hours/{robin}",
        {"monday": "9:00-12:00"},
        {"saturday": "10:00-11:00"},
        ("Monday", "09:00-12:00"),
        lambda numbers: _hours_of(numbers["robin"]),
    ),
    "service": Case(
        "/staff/services/{visit}",
        {"price_cents": "99.00"},
        {"description": "For you."},
        ("Price", "99.00"),
        lambda numbers: (
            (service := db.session.get(Service, numbers["visit"])).price_cents,
            service.description,
        ),
    ),
    "practitioner": Case(
        "/staff/practitioners/{robin}",
        {"role": "Chiropractor"},
        {"bio": "Likes hills."},
        ("Role (optional)", "Chiropractor"),
        lambda numbers: ((person := db.session.get(Practitioner, numbers["robin"])).role, person.bio),
    ),
    "roles": Case(
        "/staff/team/{kit}",
        {"practitioner": "{robin}"},
        {"roles": ["reception", "editor"]},
        ("Which calendar is theirs?", "Robin Sample"),
        lambda numbers: ((kit := db.session.get(Member, numbers["kit"])).practitioner_id, kit.role_names),
    ),
    "template": Case(
        "/staff/enquiries/templates/{template}",
        {"text": "Park\nbehind us."},
        {"name": "Bicycles"},
        ("Text", "Park\nbehind us."),
        lambda numbers: ((t := db.session.get(ReplyTemplate, numbers["template"])).text, t.name),
    ),
    "patient": Case(
        "/staff/appointments/{appointment}/correct",
        {"name": "Alexa Placeholder"},
        {"email": "alexa@example.org"},
        ("Full name", "Alexa Placeholder"),
        lambda numbers: ((made := db.session.get(Appointment, numbers["appointment"])).name, made.email),
    ),
    "sender": Case(
        "/staff/enquiries/{reference}/correct",
        {"name": "Alexa Placeholder"},
        {"email": "alexa@example.org"},
        ("Full name", "Alexa Placeholder"),
        lambda numbers: ((enquiry := inbox.find(numbers["reference"])).name, enquiry.email),
    ),
}


@pytest.fixture
def numbers(app) -> dict:
    with database.transaction():
        robin = profiles.save_practitioner("robin", name="Robin Sample", hours={})
        visit = profiles.save_service("visit", name="Follow-up", minutes=30, price_cents=8500)
        template = reply_templates.create(name="Parking", text="There is room.")
        enquiry = enquire()
    in_three_days = clock.instant_of(clock.today() + timedelta(days=3), time(10))
    (appointment,) = keep(row(SimpleNamespace(robin=robin, visit=visit), in_three_days))
    kit = new_member("reception", name="Kit Example")
    found = {"robin": robin, "visit": visit, "template": template, "kit": kit}
    return {name: thing.id for name, thing in found.items()} | {
        "appointment": appointment,
        "reference": references.shown(enquiry.reference),
    }


@pytest.fixture
def owner(staff):
    client = staff("owner")
    prove(client)
    return client


@pytest.fixture(params=CASES.values(), ids=CASES)
def case(request, numbers) -> Case:
    known = request.param
    theirs = {name: value.format(**numbers) for name, value in known.theirs.items()}
    return Case(known.path.format(**numbers), theirs, known.mine, known.told, known.stands)


def typed_in(page, path: str) -> dict[str, list[str]]:
    """What a browser would send of the page's form that goes to `path`: lists, by their names."""
    sent = defaultdict(list)
    for control in page.find("form", action=path).select("input[name], textarea[name], select[name]"):
        if control.name == "textarea":
            sent[control["name"]].append(control.text.removeprefix("\n").removeprefix("\r\n"))
        elif control.name == "select":
            sent[control["name"]].append((control.find("option", selected=True) or control.option)["value"])
        elif control.get("type") not in ("checkbox", "radio") or control.has_attr("checked"):
            sent[control["name"]].append(control.get("value", ""))
    return sent


def stands(case: Case, numbers: dict):
    db.session.rollback()
    db.session.expire_all()
    return case.stands(numbers)


def test_who_saves_second_sees_what_the_first_saved_and_keeps_what_they_typed(app, owner, case, numbers):
    other = client_of(app, new_member("owner"))
    prove(other)
    mine = typed_in(read(owner.get(case.path)), case.path) | case.mine
    theirs = typed_in(read(other.get(case.path)), case.path) | case.theirs
    assert other.post(case.path, data=theirs).status_code == 303
    saved = stands(case, numbers)

    page = read(owner.post(case.path, data=mine))
    notice = page.select_one(".notice")
    assert notice.h2.text == "Someone else has changed this meanwhile"
    told = {what.text: what.find_next("dd").span.text for what in notice.select("h3")}
    assert told[case.told[0]] == case.told[1]
    assert stands(case, numbers) == saved, "nothing is saved yet"

    again = typed_in(page, case.path)
    assert {name: sorted(again[name]) for name in case.mine} == {
        name: sorted(value) if isinstance(value, list) else [value] for name, value in case.mine.items()
    }
    assert owner.post(case.path, data=again | case.theirs).status_code == 303
    both = stands(case, numbers)
    assert both[0] == saved[0] and both[1] != saved[1], "the second press saves, with theirs copied into it"


def test_a_second_press_saves_what_was_typed_over_theirs(app, owner, case, numbers):
    other = client_of(app, new_member("owner"))
    prove(other)
    began = stands(case, numbers)
    mine = typed_in(read(owner.get(case.path)), case.path) | case.mine
    other.post(case.path, data=typed_in(read(other.get(case.path)), case.path) | case.theirs)
    again = typed_in(read(owner.post(case.path, data=mine)), case.path)
    assert owner.post(case.path, data=again).status_code == 303
    saved = stands(case, numbers)
    assert saved[0] == began[0] and saved[1] != began[1]


def test_a_form_that_is_sent_twice_is_no_other_persons(owner, case):
    sent = typed_in(read(owner.get(case.path)), case.path) | case.mine
    for _ in range(2):
        assert owner.post(case.path, data=sent).status_code == 303
