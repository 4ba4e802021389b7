"""Answers that staff write: each goes out once, as a mail that a person can read, and is kept in the thread."""

import contextvars
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
import time_machine
from sqlalchemy import select

from clinic_app import clock
from clinic_app.database import transaction
from clinic_app.enquiries import entries, references, refusals, replies, senders, states, threads
from clinic_app.enquiries.models import Enquiry, EnquiryEntry
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.mail.smtp import message_of
from tests.golden import check_email
from tests.queries import noted
from tests.reading import how_many

TEXT = "Hello Robin,\n\nyes: two spaces behind the house, <free> for patients.\n\nKit"


def last_mail() -> OutboxMail:
    db.session.rollback()
    return db.session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()


def test_mail_reply(receive, people, do):
    with time_machine.travel(datetime(2026, 11, 23, 22, 30, tzinfo=UTC), tick=False):
        enquiry = receive(message="Do you have parking?\n\nI come by van & trailer.")
        do(replies.send, enquiry, text=TEXT, by=people.kit)
    mail = last_mail()
    check_email(mail, "enquiry_reply", REFERENCE=references.shown(enquiry.reference))


def test_a_reply_is_no_automatic_mail_and_answers_to_it_reach_the_clinic(receive, people, do):
    do(replies.send, receive(), text=TEXT, by=people.kit)
    message = message_from_bytes(message_of(last_mail()).as_bytes(), policy=policy.default)
    assert "Auto-Submitted" not in message
    assert message["Reply-To"] == "Westside Sports Chiro <hello@clinic.example>"


def test_a_reply_opens_a_new_enquiry_and_says_when_it_was_first_answered(receive, people, do):
    enquiry = receive()
    do(replies.send, enquiry, text="Yes.", by=people.kit)
    assert enquiry.state == "open"
    first = enquiry.first_answered_at
    assert first - enquiry.received_at < timedelta(minutes=1)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        do(replies.send, enquiry, text="And no.", by=people.kit)
    assert enquiry.first_answered_at == first


def test_a_reply_to_a_closed_enquiry_leaves_it_closed(receive, people, do):
    enquiry = receive()
    do(states.close, enquiry)
    do(replies.send, enquiry, text="One more thing.", by=people.kit)
    assert enquiry.state == "closed"


def test_word_that_the_message_has_arrived_does_not_follow_the_answer(receive, people, do):
    queued, sent = receive(), receive(message="Another question")
    with transaction() as session:
        gone = session.scalars(select(OutboxMail).filter_by(name="enquiry_received", about_id=sent.id)).one()
        gone.state, gone.sent_at = "sent", clock.now()
    for enquiry in (queued, sent):
        do(replies.send, enquiry, text="Yes.", by=people.kit)
    db.session.rollback()
    mails = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()
    withdrawn = [mail for mail in mails if mail.withdrawn_at]
    assert [(mail.name, mail.about_id) for mail in withdrawn] == [("enquiry_received", queued.id)]
    assert withdrawn[0].last_error == "Withdrawn: the message was answered before it had gone out"


def test_the_same_form_sent_again_is_the_same_reply(receive, people, do, mails):
    enquiry = receive()
    for _ in range(2):
        do(replies.send, enquiry, text="Yes.", by=people.kit, nonce="form 1")
    assert [name for name, _ in mails()].count("enquiry_reply") == 1
    do(replies.send, enquiry, text="Yes, indeed.", by=people.kit, nonce="form 1")
    do(replies.send, enquiry, text="Yes.", by=people.kit, nonce="form 2")
    assert [name for name, _ in mails()].count("enquiry_reply") == 3


def test_a_reply_that_waited_for_a_wrong_address_can_be_sent_again_by_its_form(receive, people, do):
    enquiry, reply = receive(email="robin@example.org", phone=""), {"text": "Yes.", "by": people.kit}
    do(replies.send, enquiry, **reply, nonce="sent")
    with transaction() as session:
        gone = session.scalars(select(OutboxMail).filter_by(name="enquiry_reply")).one()
        gone.state, gone.sent_at = "sent", clock.now()
    for address in ("right@example.org", "robin@example.org"):
        assert do(replies.send, enquiry, **reply, nonce="form 1")
        corrected = do(senders.correct, enquiry, name="Robin", email=address, phone="", by=people.kit)
        assert corrected.withdrawn == 1
        assert last_mail().withdrawn_at
    assert do(replies.send, enquiry, **reply, nonce="form 1")
    assert (last_mail().to_address, last_mail().state) == ("robin@example.org", "queued")
    assert not do(replies.send, enquiry, **reply, nonce="sent")


def test_an_answer_that_never_went_is_none_unless_another_stands(receive, people, do):
    right = {"name": "Robin", "email": "right@example.org", "phone": "", "by": people.kit}
    others = {
        "none": lambda enquiry: None,
        "call": lambda enquiry: do(entries.note_call, enquiry, text="Called.", by=people.kit),
        "spam": lambda enquiry: do(states.mark_spam, enquiry),
    }
    became = {}
    for other, act in others.items():
        enquiry = receive(message=other)
        do(replies.send, enquiry, text="Yes.", by=people.kit)
        do(states.close, enquiry)
        act(enquiry)
        corrected = do(senders.correct, enquiry, **right)
        became[other] = (enquiry.state, corrected.waits_again, enquiry.first_answered_at is not None)
    assert became == {
        "none": ("new", True, False),
        "call": ("closed", False, True),
        "spam": ("spam", False, False),
    }
    do(states.mark_not_spam, enquiry)
    assert enquiry.state == "new"


def test_one_form_sent_many_times_at_once_is_one_reply(app, receive, people):
    number = receive().id

    def send(_):
        with app.app_context(), transaction() as session:
            return replies.send(session.get(Enquiry, number), text="Yes.", by=None, nonce="form 1")

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(lambda n: contextvars.Context().run(send, n), range(24)))
    assert sent.count(True) == 1
    db.session.rollback()
    assert how_many(OutboxMail) == 3


def test_nobody_is_answered_by_mail_without_an_address_but_a_call_counts(receive, people, do):
    enquiry = receive(email="")
    with pytest.raises(refusals.NoAddress):
        do(replies.send, enquiry, text="Yes.", by=people.kit)
    do(entries.note_call, enquiry, text="Called back.", by=people.kit)
    assert (enquiry.state, enquiry.first_answered_at is not None) == ("open", True)


def test_a_note_answers_nobody_and_is_kept_once(receive, people, do):
    enquiry = receive()
    for _ in range(2):
        do(entries.note, enquiry, text="She is Lee's sister.", by=people.robin, nonce="form 1")
    assert (enquiry.state, enquiry.first_answered_at) == ("new", None)
    assert how_many(EnquiryEntry) == 1


def test_the_thread_tells_it_all_in_order_with_what_became_of_each_mail(receive, people, do):
    start = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    steps = [
        lambda: do(entries.note, enquiry, text="Lee's sister?", by=people.robin),
        lambda: do(replies.send, enquiry, text="Yes.", by=people.kit),
        lambda: do(states.close, enquiry, by=people.kit),
    ]
    with time_machine.travel(start, tick=False):
        enquiry = receive()
    for number, step in enumerate(steps, 1):
        with time_machine.travel(start + timedelta(minutes=number), tick=False):
            step()
    thread = threads.read(enquiry)
    assert [item.kind for item in thread] == ["message", "mail", "mail", "note", "reply", "closed"]
    assert [item.mail.name for item in thread[1:3]] == ["enquiry_for_staff", "enquiry_received"]
    assert (thread[4].entry.text, thread[4].mail.state) == ("Yes.", "queued")
    with transaction() as session:
        session.delete(session.get(OutboxMail, thread[4].mail.id))
    assert threads.read(enquiry)[4].mail is None, "what was written stays when the outbox is tidied"


def test_a_thread_takes_as_many_queries_however_long_it_is(receive, people, do):
    enquiry = receive()
    db.session.refresh(enquiry)
    with noted() as few:
        threads.read(enquiry)
    for number in range(20):
        do(replies.send, enquiry, text=f"Answer {number}", by=people.kit)
        do(entries.note, enquiry, text=f"Note {number}", by=people.kit)
    db.session.refresh(enquiry)
    with noted() as many:
        thread = threads.read(enquiry)
    assert len(thread) == 43
    assert len(many) == len(few) == 2
