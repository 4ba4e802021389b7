"""Receiving enquiries: each stored once, with its mails."""

import contextvars
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from clinic_app import clock, rate_limits
from clinic_app.database import transaction
from clinic_app.enquiries import inbox
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.factories import enquire, submission
from tests.queries import noted, selects
from tests.reading import how_many


def receive(**changes) -> str:
    with transaction():
        return enquire(**changes).reference


def mails() -> list[tuple[str, str]]:
    return [
        (mail.name, mail.to_address) for mail in db.session.scalars(select(OutboxMail).order_by(OutboxMail.id))
    ]


def test_an_enquiry_is_stored_with_a_mail_to_each_of_staff_and_one_to_the_sender(app, with_settings):
    with_settings(staff_recipients=("a@clinic.example", "b@clinic.example"))
    reference = receive()
    enquiry = db.session.scalars(select(Enquiry)).one()
    assert (enquiry.reference, enquiry.state, enquiry.privacy_version) == (reference, "new", "1a2b3c4d")
    assert mails() == [
        ("enquiry_for_staff", "a@clinic.example"),
        ("enquiry_for_staff", "b@clinic.example"),
        ("enquiry_received", "robin@example.org"),
    ]


def test_the_same_form_with_the_same_words_is_the_same_enquiry(app):
    assert receive() == receive()
    assert (how_many(Enquiry), how_many(OutboxMail)) == (1, 2)


def test_the_same_form_with_other_words_is_another_enquiry(app):
    assert receive() != receive(message="Do you have parking? For a van, I mean.")
    assert how_many(Enquiry) == 2


def test_without_a_form_the_same_words_on_one_day_are_the_same_enquiry(app):
    assert receive(nonce="") == receive(nonce="")


def test_without_an_address_nobody_is_acknowledged(app):
    receive(email="")
    assert mails() == [("enquiry_for_staff", "hello@clinic.example")]


def test_spam_is_stored_with_its_reasons_and_sends_no_mail(app):
    receive(honeypot="x")
    enquiry = db.session.scalars(select(Enquiry)).one()
    assert enquiry.state == "spam"
    assert enquiry.spam_reasons == ["the hidden field was filled in (+100)"]
    assert how_many(OutboxMail) == 0


def test_the_same_link_from_many_forms_becomes_spam(app):
    for number in range(4):
        receive(nonce=f"n-{number}", message="Buy  NOW www.a.example" if number % 2 else "buy now WWW.a.example")
    states = db.session.scalars(select(Enquiry.state).order_by(Enquiry.id)).all()
    assert states == ["new", "new", "new", "spam"]


def test_the_same_short_question_from_many_people_is_answered(app):
    for number in range(8):
        receive(nonce=f"n-{number}", message="Please call me back.", filled_in_seconds=1.0)
    assert db.session.scalars(select(Enquiry.state).distinct()).all() == ["new"]


def test_an_enquiry_whose_mails_cannot_be_queued_is_not_stored(app, monkeypatch):
    def refuse(enquiry, mails):
        raise RuntimeError("no")

    monkeypatch.setattr(inbox.notifications, "queue", refuse)
    with pytest.raises(RuntimeError):
        receive()
    assert (how_many(Enquiry), how_many(OutboxMail)) == (0, 0)


def test_preparing_only_reads_and_storing_renders_nothing_any_more(app, monkeypatch):
    with noted() as statements:
        prepared = inbox.prepare(submission())
    assert len(selects(statements)) == len(statements) > 0
    monkeypatch.setattr(inbox.notifications.outbox, "compose", None)
    with transaction():
        inbox.store(prepared)
    assert (how_many(Enquiry), how_many(OutboxMail)) == (1, 2)


def test_only_a_new_enquiry_is_counted_and_one_too_many_leaves_nothing(app):
    counted = []
    for _ in range(2):
        with transaction():
            inbox.store(inbox.prepare(submission()), count=lambda: counted.append(1))
    assert counted == [1]
    with pytest.raises(rate_limits.TooOften), transaction():
        inbox.store(inbox.prepare(submission(nonce="other")), count=refuse)
    assert (how_many(Enquiry), how_many(OutboxMail)) == (1, 2)


def refuse() -> None:
    raise rate_limits.TooOften(clock.now())


def test_a_reference_drawn_twice_is_drawn_again(app, monkeypatch):
    drawn = iter(["111111118", "111111118", "222222226"])
    monkeypatch.setattr(inbox.references, "new", lambda: next(drawn))
    assert (receive(nonce="a"), receive(nonce="b", message="Other")) == ("111111118", "222222226")


def test_one_form_sent_many_times_at_once_is_one_enquiry(app):
    def send(_):
        with app.app_context():
            return receive()

    with ThreadPoolExecutor(8) as pool:
        references = list(pool.map(lambda n: contextvars.Context().run(send, n), range(40)))
    assert len(set(references)) == 1
    assert (how_many(Enquiry), how_many(OutboxMail)) == (1, 2)


def test_it_is_found_by_its_reference_as_typed(app):
    reference = receive()
    assert inbox.find(f"{reference[:3]} {reference[3:6]} {reference[6:]}").reference == reference
    assert inbox.find("no such thing") is None
