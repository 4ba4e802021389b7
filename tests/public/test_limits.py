"""How many appointments one person makes, and how many mails one mailbox gets of them."""

import pytest

from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.reading import all_appointments, only_appointment, parsed

from .conftest import TYPED

HOURS = ("0900", "1000", "1100", "1300", "1400", "1500", "1600", "1700")


def at(number: int) -> str:
    return f"/book/visit/robin/2026-11-{25 + number // 8}T{HOURS[number % 8]}"


def test_a_plus_in_an_address_makes_no_other_person(visitor):
    answers = [visitor.send(at(n), email=f"alex+{n}@example.org", phone="").status_code for n in range(6)]
    assert answers == [303] * 4 + [409] * 2
    assert visitor.send(at(6), email="Alex@example.org", phone="").status_code == 409


@pytest.mark.parametrize(
    "email", ["alexa@example.org", "alex@example.com", "al%x@example.org", "alex_1@example.org"]
)
def test_who_has_a_similar_address_is_another_person(visitor, email):
    for number in range(4):
        visitor.book(at(number), email=f"alex+{number}@example.org", phone="")
    visitor.book(at(5), email=email, phone="")


def test_booking_and_cancelling_over_and_over_mails_nobody_without_end(visitor, with_settings):
    with_settings(rate_limits="on", booking_limit="1000 per day")
    answers = []
    for number in range(12):
        answer = visitor.send(at(0), email=f"alex+{number}@example.org", phone="")
        answers.append(answer.status_code)
        if answer.status_code == 303:
            visitor.client.post(answer.location.partition("?")[0] + "/cancel")
    assert answers == [303] * 10 + [429] * 2
    assert len(all_appointments()) == 10
    assert "Alex Placeholder" in answer.text  # what was typed is there
    assert "Please try again tomorrow at this time" in answer.text
    assert db.session.query(OutboxMail).filter(OutboxMail.to_address.startswith("alex")).count() == 20


@pytest.mark.parametrize(
    ("limit", "email", "mailed"),
    [("5 per day", "somebody{}@example.org", 5), ("1000 per day", "alex+{}@example.org", 10)],
)
def test_one_form_sent_to_address_after_address_counts_as_often_as_it_mails(
    visitor, with_settings, limit, email, mailed
):
    with_settings(rate_limits="on", booking_limit=limit)
    form = TYPED | {"token": visitor.token(at(0))}
    answers = [visitor.client.post(at(0), data=form | {"email": email.format(number)}) for number in range(12)]
    assert [answer.status_code for answer in answers] == [303] * mailed + [429] * (12 - mailed)
    assert only_appointment().email == email.format(mailed - 1)


@pytest.mark.parametrize("field", ["name", "note"])
def test_one_form_mended_over_and_over_tells_staff_as_often_as_is_counted(visitor, with_settings, travel, field):
    with_settings(rate_limits="on", booking_limit="5 per day")
    form = TYPED | {"token": visitor.token(at(0))}
    answers = []
    for number in range(12):
        answers.append(visitor.client.post(at(0), data=form | {field: f"Kit {'x' * number}"}).status_code)
        travel.shift(1)
    assert answers == [303] * 5 + [429] * 7
    assert db.session.query(OutboxMail).filter_by(to_address="hello@clinic.example").count() == 5


@pytest.mark.parametrize("contact", [{"email": "alex+8@example.org"}, {"phone": "0491 570 157"}])
def test_a_form_mended_to_who_has_all_that_can_be_booked_is_refused(visitor, contact):
    for number in range(4):
        visitor.book(at(number), **{"email": "alex@example.org", "phone": "0491 570 157"} | contact)
    form = TYPED | {"token": visitor.token(at(5)), "email": "jo@example.org", "phone": "0491 570 158"}
    assert visitor.client.post(at(5), data=form).status_code == 303
    answer = visitor.client.post(at(5), data=form | contact)
    assert answer.status_code == 409
    assert "You’ve booked as many appointments as you can online" in answer.text
    assert (all_appointments()[-1].email, all_appointments()[-1].phone) == ("jo@example.org", "+61491570158")


def test_the_last_that_can_be_booked_is_mended_all_the_same(visitor):
    for number in range(3):
        visitor.book(at(number))
    form = TYPED | {"token": visitor.token(at(5))}
    visitor.client.post(at(5), data=form)
    answer = visitor.client.post(at(5), data=form | {"phone": "0491 570 157", "name": "Alex Sample"})
    assert answer.status_code == 303
    assert all_appointments()[-1].phone == "+61491570157"


@pytest.mark.parametrize(
    ("contact", "limit", "moved"),
    [({"phone": ""}, "1000 per day", 9), ({"email": ""}, "1000 per day", 9), ({}, "5 per day", 4)],
)
def test_an_appointment_moved_to_and_fro_mails_nobody_without_end(visitor, with_settings, contact, limit, moved):
    with_settings(rate_limits="on", booking_limit=limit)
    link = visitor.book(at(0), **contact)
    told = db.session.query(OutboxMail).count()
    answers = [visitor.client.post(f"{link}/move", data={"to": at(n)[-15:]}) for n in range(1, 13)]
    assert [answer.status_code for answer in answers] == [303] * moved + [429] * (12 - moved)
    assert only_appointment().sequence == moved
    assert db.session.query(OutboxMail).count() == told * (1 + moved)
    page = " ".join(parsed(answers[-1].text).find(attrs={"role": "alert"}).text.split())
    assert page.startswith("Please try again tomorrow at this time Your appointment stays where it was.")
    assert "or call us on 02 5550 0142." in page


def test_a_move_to_where_it_is_and_one_that_is_refused_count_towards_no_limit(visitor, with_settings):
    with_settings(rate_limits="on", booking_limit="2 per day")
    link = visitor.book(at(0))
    visitor.client.post(f"{link}/move", data={"to": "2026-11-28T0900"})
    visitor.client.post(f"{link}/move", data={"to": "2026-11-25T0900"})
    assert visitor.client.post(f"{link}/move", data={"to": "2026-11-26T0900"}).status_code == 303
    assert visitor.client.post(f"{link}/move", data={"to": "2026-11-26T0900"}).status_code == 303
    assert visitor.client.post(f"{link}/move", data={"to": "2026-11-27T0900"}).status_code == 429
    visitor.client.post(f"{link}/cancel")
    assert visitor.client.post(f"{link}/move", data={"to": "2026-11-27T0900"}).location == link
