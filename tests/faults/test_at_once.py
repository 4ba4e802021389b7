"""Staff who press at the same moment, in browsers of their own, on real server processes."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from time import time

import pytest
from sqlalchemy import func, select

from clinic_app import clock, database
from clinic_app.accounts import sign_ins
from clinic_app.accounts.models import Member
from clinic_app.booking.models import Appointment, AppointmentChange, HoursException, Practitioner
from clinic_app.extensions import db
from clinic_app.mail import claims
from clinic_app.mail.models import OutboxMail

from ..reading import how_many
from ..tally import times
from .asking import NUMBERS, appointment_form, send

AT_ONCE = 4


@pytest.fixture
def staff(site):
    """`staff("owner")` gives a new member's number, and the cookie of a browser that they just signed in with."""

    def sign_in(*roles) -> tuple[int, str]:
        with database.transaction():
            address = f"casey{next(NUMBERS)}@clinic.example"
            member = Member(name="Casey Invented", email=address, password="x", role_names=list(roles))
            db.session.add(member)
            db.session.flush()
            token = sign_ins.start(member, browser="Firefox on Linux")
            content = {"_user_id": member.fs_uniquifier, "_fresh": True, "sign_in": token, "fs_paa": time()}
            number = member.id
        sign = site.app.session_interface.get_signing_serializer(site.app).dumps
        return number, f"staff={sign(content)}"

    return sign_in


@pytest.fixture
def at_once(site):
    """Sends (path, form, cookie) each in a thread of its own at the same moment; gives the answers in order."""

    def send_all(*posts):
        ready = Barrier(len(posts))

        def send_one(post):
            ready.wait()
            return send(site, *post)

        with ThreadPoolExecutor(len(posts)) as pool:
            return list(pool.map(send_one, posts))

    return send_all


def test_new_practitioners_of_one_name_each_get_a_place_in_addresses(site, staff, at_once):
    _, cookie = staff("owner")
    name = f"Lee Invented {next(NUMBERS)}"
    answers = at_once(*[("/staff/practitioners/new", {"name": name}, cookie)] * AT_ONCE)
    assert [status for status, _, _ in answers] == [303] * AT_ONCE
    assert len({led_to for _, _, led_to in answers}) == AT_ONCE
    assert how_many(Practitioner, Practitioner.name == name) == AT_ONCE


def test_one_form_that_is_sent_many_times_makes_one_practitioner_and_one_closure(site, staff, at_once):
    _, cookie = staff("owner")
    name = f"Lee Invented {next(NUMBERS)}"
    form = {"name": name, "nonce": name.replace(" ", "-")}
    answers = at_once(*[("/staff/practitioners/new", form, cookie)] * AT_ONCE)
    assert {status for status, _, _ in answers} == {303}
    assert len({led_to for _, _, led_to in answers}) == 1
    assert how_many(Practitioner, Practitioner.name == name) == 1
    closure = {"first": "2099-12-24", "reason": name, "nonce": f"{form['nonce']}-closed"}
    answers = at_once(*[("/staff/calendar/closures", closure, cookie)] * AT_ONCE)
    assert {status for status, _, _ in answers} == {303}
    assert how_many(HoursException, HoursException.reason == name) == 1


def test_of_two_last_owners_who_remove_each_other_one_stays(site, staff, at_once):
    with database.transaction():
        db.session.query(Member).update({"active": False})
    (one, first), (other, second) = staff("owner"), staff("owner")
    answers = at_once(
        (f"/staff/team/{other}/deactivate", {}, first), (f"/staff/team/{one}/deactivate", {}, second)
    )
    assert max(status for status, _, _ in answers) < 500
    assert how_many(Member, Member.active) == 1


def test_undo_and_a_worker_never_both_have_a_mail(site, staff, tally):
    _, cookie = staff("reception")
    rounds = times(3, 50)
    undone = sum(undo_against_a_worker(site, cookie) for _ in range(rounds))
    remarks = f"undone in {undone}, the mails gone in {rounds - undone}"
    tally(
        "undo pressed as a worker claims",
        site.database,
        faults=rounds,
        tried=rounds,
        survived=rounds,
        remarks=remarks,
    )


def undo_against_a_worker(site, cookie: str) -> bool:
    """Cancel an appointment, and undo that while a worker of another process claims its mails; whether undone."""
    path, form = appointment_form()
    assert send(site, path, form)[0] == 303
    db.session.rollback()
    number = db.session.scalar(select(Appointment.id).where(Appointment.email == form["email"]))
    address = f"/staff/appointments/{number}"
    assert send(site, f"{address}/cancel", {"tell": "y"}, cookie)[0] == 303
    db.session.rollback()
    change = db.session.scalar(select(func.max(AppointmentChange.id)).filter_by(appointment_id=number))
    with ThreadPoolExecutor(1) as browser:
        pressed = browser.submit(send, site, f"{address}/undo?change={change}", {}, cookie)
        Event().wait(random.uniform(0, 0.05))  # about as long as the request takes: either may be first
        claimed = claims.claim(clock.now() + timedelta(minutes=1), limit=100)
        assert pressed.result()[0] == 303
    db.session.rollback()
    is_undone = db.session.get(Appointment, number).status == "booked"
    told = [mail for mail in claimed if mail.about_id == number and mail.name == "appointment_cancelled"]
    there = how_many(OutboxMail, OutboxMail.about_id == number, OutboxMail.name == "appointment_cancelled")
    assert (bool(told), there) == ((False, 0) if is_undone else (True, 1))
    for mail in claimed:
        claims.record(claims.Outcome(mail_id=mail.id, claim=mail.claim, kind="released", at=clock.now()))
    return is_undone
