"""Queueing mail: rendered at once, in the transaction of its cause, once per event and recipient."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from jinja2 import DictLoader, UndefinedError
from sqlalchemy import update

from clinic_app import clock, database
from clinic_app.extensions import db
from clinic_app.mail import changing, outbox, rendering
from tests.factories import enquire, submission
from tests.locks import ON_POSTGRESQL, begin
from tests.server import DEADLINE_SECONDS


def enqueue(address="kit@example.org", event="enquiry:12:received", **given):
    given.setdefault("context", {"sent_at": clock.now()})
    return outbox.enqueue("test", to=address, event=event, **given)


def test_a_queued_mail_is_rendered_and_knows_what_it_is_about(app, mail_at):
    with database.transaction():
        enqueue(("Kit Example", "kit@example.org"), about=("enquiry", 12), reply_to="robin@example.org")
    mail = mail_at("kit@example.org")
    assert (mail.state, mail.attempts, mail.event) == ("queued", 0, "enquiry:12:received")
    assert (mail.to_name, mail.reply_to_address) == ("Kit Example", "robin@example.org")
    assert (mail.about_kind, mail.about_id) == ("enquiry", 12)
    assert mail.subject == "Test mail from Westside Sports Chiro"
    assert "This is a test" in mail.text_body
    assert "This is a test" in mail.html_body


def test_times_and_days_stay_whole_where_a_screen_is_narrow(app):
    mail = rendering.render("test", {"sent_at": datetime(2026, 11, 22, 23, 30, tzinfo=UTC)})
    assert "Mon 23 Nov, 10:30 am" in mail.text
    assert "Mon~23~Nov, 10:30~am".replace("~", "\N{NO-BREAK SPACE}") in mail.html


def test_the_same_event_and_recipient_give_the_row_that_is_there(app, mails):
    with database.transaction():
        first = enqueue()
        assert enqueue() == first
        words = db.session.get(outbox.OutboxMail, first).message_id
    with database.transaction():
        assert enqueue() == first
        assert db.session.get(outbox.OutboxMail, first).message_id == words
        enqueue("robin@example.org")
        enqueue(event="enquiry:13:received")
    assert len(mails()) == 2
    assert len({m.message_id for m in db.session.query(outbox.OutboxMail)}) == 3


def test_no_mail_is_queued_without_what_caused_it(app):
    with pytest.raises(TypeError, match="event"):
        outbox.enqueue("test", to="kim@example.com", context={"sent_at": clock.now()})


def test_many_at_once_queue_one_mail(app, mails):
    ready, seen = threading.Barrier(8), []

    def race():
        with app.app_context():
            ready.wait()
            with database.transaction():
                seen.append(enqueue())

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert len(mails()) == 1


def test_the_database_itself_refuses_a_second_mail_of_an_event_to_a_recipient(app):
    with database.transaction():
        enqueue()
    row = outbox.compose(
        "test", to="kit@example.org", event="enquiry:12:received", context={"sent_at": clock.now()}
    )
    with (
        pytest.raises(Exception, match="one_mail_per_event_and_recipient|mail_outbox.event"),
        database.transaction(),
    ):
        db.session.add(outbox.OutboxMail(**row))


def test_a_mail_waits_for_its_time_and_bears_its_date(app):
    tomorrow = clock.now() + timedelta(days=1)
    with database.transaction():
        mail = db.session.get(outbox.OutboxMail, enqueue(not_before=tomorrow))
        assert mail.due_at == mail.next_attempt_at == tomorrow


def test_a_context_that_lacks_something_is_refused_rather_than_leaving_a_gap(app, monkeypatch):
    loader = DictLoader(
        {f"email/gap/{part}": "Dear {{ who }}" for part in ("subject.txt", "body.txt", "body.html")}
    )
    environment = app.jinja_env.overlay(loader=loader, undefined=rendering.StrictUndefined)
    monkeypatch.setitem(app.extensions, "mail_templates", environment)
    with pytest.raises(UndefinedError, match="who"):
        outbox.enqueue("gap", to="kit@example.org", event="x", context={})


ACKNOWLEDGEMENT = "email/enquiry_received/body.txt"


def acknowledged(mails) -> str:
    with database.transaction():
        enquire()
    (mail,) = (mail for mail in mails().values() if mail.name == "enquiry_received")
    return mail.text_body


def test_a_clinics_own_template_stands_for_the_programs(own_template, mails):
    own_template(ACKNOWLEDGEMENT, "Thanks, {{ enquiry.name }}!")
    assert acknowledged(mails) == f"Thanks, {submission().name}!\n"


@pytest.mark.parametrize("wrong", ["Dear {{ enquiry.nobody.name }}", "{% if %}", "{{ 1 / 0 }}"])
def test_a_template_of_the_clinics_own_that_fails_loses_no_enquiry(own_template, mails, caplog, wrong):
    own_template(ACKNOWLEDGEMENT, wrong)
    assert "Thank you for writing to us." in acknowledged(mails)
    assert "enquiry_received failed with your own templates: the program's is used" in caplog.text


def test_a_failed_mail_can_be_tried_again_for_two_more_days(app, server, worker, queue, mail_at):
    server.replies["RCPT", "kit@example.org"] = ["550 No such person"]
    (number,) = queue("kit@example.org")
    worker.run_once()
    with database.transaction():
        changing.retry(number)
    assert worker.run_once() == {"sent": 1}
    with pytest.raises(changing.NotFailed, match=f"mail {number} is sent"), database.transaction():
        changing.retry(number)
    with pytest.raises(changing.NotFailed, match="no mail 999"), database.transaction():
        changing.retry(999)


def test_another_try_comes_no_earlier_than_a_mail_may_go_out(app, queue, mails):
    held_until = clock.now() + timedelta(seconds=30)
    (number,) = queue("kit@example.org", not_before=held_until)
    with database.transaction():
        changing.give_up(number, reason="Mistyped", by="Jo Fictional")
        changing.retry(number)
    assert mails()["kit@example.org"].state == "queued"
    assert mails()["kit@example.org"].next_attempt_at == held_until


def test_who_tries_a_mail_again_that_was_given_up_leaves_what_the_server_said(queue, mail_at):
    (number,) = queue("kit@example.org")
    with database.transaction():
        db.session.get(outbox.OutboxMail, number).last_error = "452 Mailbox full"
        db.session.flush()
        changing.give_up(number, reason="They know", by="Jo Fictional")
        changing.retry(number)
    mail = mail_at("kit@example.org")
    assert (mail.state, mail.given_up_at, mail.last_error) == ("queued", None, "452 Mailbox full")


def test_a_mail_that_is_not_there_cannot_be_given_up(app):
    with pytest.raises(changing.NotWaiting, match="no mail 999"), database.transaction():
        changing.give_up(999, reason="They know", by="Jo Fictional")


@pytest.mark.parametrize("changed", [{"state": "failed"}, {"attempts": 1}])
def test_only_what_nobody_has_tried_is_worded_anew(queue, changed):
    (number,) = queue("kit@example.org")
    others = outbox.OutboxMail.id != queue("robin@example.org")[0]
    with database.transaction():
        assert [mail.id for mail in changing.untried(others)] == [number]
        db.session.execute(update(outbox.OutboxMail).filter_by(id=number).values(changed))
        assert changing.untried(others) == []


def readdress(*addresses, to):
    with database.transaction():
        changing.readdress(outbox.OutboxMail.to_address.in_(addresses), to=to)


def test_what_goes_to_another_address_is_tried_there_anew_but_for_what_somebody_gave_up(app, queue, mail_at):
    later = clock.now() + timedelta(hours=1)
    for address, event in ("robin@example.org", "test:1"), ("kit@example.org", "test:2"):
        [number] = queue(address, event=event, not_before=later)
        with database.transaction():
            mail = db.session.get(outbox.OutboxMail, number)
            mail.state, mail.attempts, mail.last_error = "failed", 1, "550 No such user"
            mail.first_attempted_at, mail.next_attempt_at = clock.now(), clock.now() + timedelta(hours=3)
    with database.transaction():
        changing.give_up(number, reason="They know", by="Jo Fictional")
    readdress("robin@example.org", to="robin.right@example.org")
    mail = mail_at("robin.right@example.org")
    assert (mail.state, mail.last_error, mail.next_attempt_at) == ("queued", "", later)
    assert mail.first_attempted_at is None, "two days begin anew"
    readdress("kit@example.org", to="kit.right@example.org")
    mail = mail_at("kit.right@example.org")
    assert (mail.state, mail.last_error) == ("failed", "Given up by Jo Fictional: They know\n550 No such user")


def test_what_was_sent_or_withdrawn_goes_to_no_other_address(queue, mail_at, mails):
    sent, untrue = queue("kit@example.org")[0], queue("kit@example.org", event="test:2")[0]
    with database.transaction():
        changing.withdraw_untrue(untrue, reason="it was cancelled since")
        mail = db.session.get(outbox.OutboxMail, sent)
        mail.state, mail.sent_at = "sent", clock.now()
    readdress("kit@example.org", to="kit.right@example.org")
    assert set(mails()) == {"kit@example.org"}


def test_only_what_goes_to_another_address_is_doubled_there(queue, mail_at):
    """Not what somebody else hears of the same."""
    queue("robin@example.org", "kit@example.org", event="test:1")
    queue("lee@example.org", event="test:2")
    readdress("lee@example.org", to="kit@example.org")
    assert (mail_at("robin@example.org").state, mail_at("robin@example.org").last_error) == ("queued", "")


@ON_POSTGRESQL
def test_mails_go_to_another_address_in_the_order_of_their_numbers(app, queue):
    """So does who erases a person, and neither can wait for the other."""
    first, second = (queue("robin@example.org", event=event)[0] for event in ("made", "moved"))
    with database.transaction():
        changing.retry(first)  # behind the other, in PostgreSQL's table

    def lock(number: int, **how) -> None:
        db.session.get(outbox.OutboxMail, number, populate_existing=True, with_for_update=how or True)

    with database.transaction():
        lock(first)
        other = begin(app, lambda: readdress("robin@example.org", to="kit@example.org"))
        assert other.is_alive()
        lock(second, nowait=True)
    other.join(DEADLINE_SECONDS)


def test_what_the_other_address_has_already_is_withdrawn(queue, mail_at):
    queue("robin@example.org", "robin.right@example.org")
    readdress("robin@example.org", "robin.right@example.org", to="robin.right@example.org")
    assert mail_at("robin.right@example.org").state == "queued"
    mail = mail_at("robin@example.org")
    assert (mail.state, mail.last_error) == (
        "failed",
        "Withdrawn: robin.right@example.org has the same email already",
    )


def test_addresses_in_mail_are_those_of_the_public_site_with_or_without_a_request(app, with_settings):
    assert rendering.public_url_for("pages.healthz") == "https://clinic.example/healthz"
    with app.test_request_context("/", base_url="http://evil.example"):
        assert rendering.public_url_for("pages.healthz", a="b c") == "https://clinic.example/healthz?a=b+c"
    with_settings(public_url="http://127.0.0.1:9000")
    assert rendering.public_url_for("pages.healthz", _anchor="top") == "http://127.0.0.1:9000/healthz#top"
