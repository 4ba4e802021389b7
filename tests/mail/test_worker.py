"""The worker against a real mail server that takes, refuses, hangs, breaks off and comes back."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from clinic_app import clock, database
from clinic_app.extensions import db
from clinic_app.mail import claims, outbox
from clinic_app.mail.models import OutboxMail
from clinic_app.mail.worker import Worker

from .servers import DEADLINE, MailServer, SilentServer, free_port

ROBIN, KIT, ALEX = "robin@example.org", "kit@example.org", "alex@example.com"


def later(**delta):
    return time_machine.travel(clock.now() + timedelta(**delta))


def test_a_queued_mail_is_sent_and_its_row_says_when(server, worker, queue, mail_at):
    queue(ROBIN)
    assert worker.run_once() == {"sent": 1}
    mail = mail_at(ROBIN)
    assert (mail.state, mail.attempts, mail.claim, mail.last_error) == ("sent", 1, None, "")
    assert mail.created_at <= mail.sent_at <= clock.now()
    assert server.addresses == [ROBIN]
    assert worker.run_once() == {}


def test_a_mail_of_a_transaction_that_fails_is_not_sent(server, worker, mails):
    with pytest.raises(ZeroDivisionError), database.transaction():
        outbox.enqueue("test", to=ROBIN, event="test:1", context={"sent_at": clock.now()})
        1 / 0  # noqa: B018
    assert worker.run_once() == {}
    assert mails() == {}


def test_a_mail_for_later_waits_until_then(server, worker, queue):
    queue(ROBIN, not_before=clock.now() + timedelta(hours=3))
    assert worker.run_once() == {}
    with later(hours=3, seconds=1):
        assert worker.run_once() == {"sent": 1}


def test_one_recipient_refused_fails_alone_and_at_once(server, worker, queue, mails):
    server.replies["RCPT", KIT] = ["550 5.1.1 No such person here"]
    queue(ROBIN, KIT, ALEX)
    assert worker.run_once() == {"sent": 2, "failed": 1}
    assert server.addresses == [ALEX, ROBIN]
    refused = mails()[KIT]
    assert (refused.state, refused.attempts, refused.last_error) == ("failed", 1, "550 5.1.1 No such person here")
    with later(days=1):
        assert worker.run_once() == {}


def test_a_message_refused_for_its_content_fails_at_once(server, worker, queue, mail_at):
    server.replies["DATA", KIT] = ["554 Looks like spam"]
    queue(KIT)
    assert worker.run_once() == {"failed": 1}
    assert mail_at(KIT).last_error == "554 Looks like spam"


@pytest.mark.parametrize("reply", ["554 5.7.1 Relay access denied", "530 Authentication required"])
def test_a_refusal_that_speaks_of_the_settings_is_tried_again(server, worker, queue, mail_at, reply):
    server.replies["RCPT", KIT] = [reply]
    queue(KIT)
    assert worker.run_once() == {"deferred": 1}
    assert (mail_at(KIT).state, mail_at(KIT).last_error) == ("queued", reply)


def test_a_mail_put_off_by_the_server_goes_out_at_the_next_attempt(server, worker, queue, mail_at):
    server.replies["RCPT", KIT] = ["451 4.7.1 Greylisted, come back later"]
    queue(KIT)
    assert worker.run_once() == {"deferred": 1}
    waiting = mail_at(KIT)
    assert (waiting.state, waiting.last_error) == ("queued", "451 4.7.1 Greylisted, come back later")
    assert 50 < (waiting.next_attempt_at - waiting.last_attempted_at).total_seconds() < 70
    assert worker.run_once() == {}
    with later(seconds=70):
        assert worker.run_once() == {"sent": 1}
    assert (mail_at(KIT).state, mail_at(KIT).attempts, mail_at(KIT).last_error) == ("sent", 2, "")


def test_news_of_one_thing_reaches_an_address_in_the_order_in_which_it_was_queued(server, worker, queue):
    """The first was put off; what is about something else, or goes to somebody else, does not wait for it."""
    server.replies["RCPT", KIT] = ["451 4.7.1 Greylisted, come back later"]
    queue(KIT, event="made", about=("appointment", 1))
    assert worker.run_once() == {"deferred": 1}
    queue(KIT, ROBIN, event="cancelled", about=("appointment", 1))
    queue(KIT, event="another made", about=("appointment", 2))
    assert worker.run_once() == {"sent": 2}
    with later(seconds=70):
        assert worker.run_once() == {"sent": 2}
    assert sent_to(KIT) == ["made", "cancelled"]


def sent_to(address: str) -> list[str]:
    """The events of the mails about appointment 1 to it, in the order in which they went out."""
    mails = select(OutboxMail.event).filter_by(to_address=address, about_id=1).order_by(OutboxMail.sent_at)
    return list(db.session.scalars(mails))


def test_attempts_grow_rarer_and_end_after_two_days(server, worker, queue, mail_at):
    server.replies["RCPT", KIT] = ["451 Not now"] * 100
    queue(KIT)
    began, pauses = clock.now(), []
    with time_machine.travel(began) as clocked:
        while mail_at(KIT).state == "queued":
            pauses.append((mail_at(KIT).next_attempt_at - clock.now()).total_seconds() / 60)
            clocked.move_to(mail_at(KIT).next_attempt_at)
            worker.run_once()
        tried_for = clock.now() - began
    expected = [0, 1, 2, 5, 15, 30, 60, 60]
    assert pauses[: len(expected)] == pytest.approx(expected, rel=0.12, abs=0.1)
    assert max(pauses) < 67
    assert timedelta(days=2) <= tried_for < timedelta(days=2, hours=2)
    assert (mail_at(KIT).state, mail_at(KIT).last_error) == ("failed", "451 Not now")


def test_mail_queued_while_the_server_is_down_arrives_when_it_is_up(use_server, worker, queue, mails):
    down = MailServer(free_port())
    use_server(down)
    queue(ROBIN, KIT)
    assert worker.run_once() == {}
    assert {(m.state, m.attempts) for m in mails().values()} == {("queued", 0)}
    assert "No connection to the mail server" in mails()[ROBIN].last_error
    with down as up:
        assert worker.run_once() == {}, "it leaves the server alone for a while"
        worker.hold_until = 0
        assert worker.run_once() == {"sent": 2}
        assert up.addresses == [KIT, ROBIN]
    assert worker.troubles == 0


def test_a_server_that_stays_down_is_asked_ever_less_and_given_up_after_two_days(
    use_server, worker, queue, mail_at
):
    use_server(MailServer(free_port()))
    queue(KIT)
    for _ in range(8):
        worker.hold_until = 0
        worker.run_once()
    assert worker.troubles == 8
    assert mail_at(KIT).state == "queued"
    with later(hours=49):
        worker.hold_until = 0
        worker.run_once()
        assert mail_at(KIT).state == "failed"


def test_a_machine_that_was_off_for_days_still_tries(use_server, worker, queue, mail_at):
    use_server(MailServer(free_port()))
    queue(KIT)
    with later(days=5):
        worker.run_once()
    assert mail_at(KIT).state == "queued"


def test_a_server_that_hangs_holds_nothing_up(use_server, worker, queue, mails):
    worker.timeout = 0.5
    with SilentServer() as silent:
        use_server(silent)
        queue(ROBIN, KIT)
        assert worker.run_once() == {}
        assert silent.heard.is_set()
    assert {(m.state, m.attempts) for m in mails().values()} == {("queued", 0)}


def test_a_conversation_broken_off_at_one_mail_hurts_no_other(server, worker, queue, mails):
    server.replies["DATA", KIT] = ["drop", "drop"]
    queue(ROBIN, KIT, ALEX)
    assert worker.run_once() == {"sent": 2, "deferred": 1}
    states = {address: (m.state, m.attempts) for address, m in mails().items()}
    assert states == {ROBIN: ("sent", 1), KIT: ("queued", 1), ALEX: ("sent", 1)}
    with later(seconds=70):
        assert worker.run_once() == {"sent": 1}
    assert server.addresses == sorted([ALEX, KIT, ROBIN])


def test_a_conversation_that_the_server_ends_goes_on_in_a_new_one(server, worker, queue, mails):
    server.replies["RCPT", KIT] = ["drop"]
    queue(ROBIN, KIT, ALEX)
    assert worker.run_once() == {"sent": 3}
    assert {m.attempts for m in mails().values()} == {1}


def test_break_after_break_is_the_servers_fault_not_the_mails(server, worker, queue, mails):
    addresses = [f"guest{n}@example.org" for n in range(10)]
    for address in addresses:
        server.replies["DATA", address] = ["drop"] * 5
    queue(*addresses)
    assert worker.run_once() == {"deferred": 2, "released": 8}
    assert sorted(m.attempts for m in mails().values()) == [0] * 8 + [1] * 2
    assert {m.state for m in mails().values()} == {"queued"}


def test_what_cannot_be_recorded_now_is_recorded_later_and_not_sent_twice(
    app, server, worker, queue, mail_at, hidden_table
):
    server.on_data = lambda address: hidden_table.hide()
    queue(KIT)
    with pytest.raises(Exception, match="mail_outbox"):
        worker.run_once()
    hidden_table.show()
    assert mail_at(KIT).state == "sending"
    worker.run_once()
    assert mail_at(KIT).state == "sent"
    assert server.addresses == [KIT]


def test_a_worker_that_lost_its_claim_records_nothing(app, queue, mail_at):
    queue(KIT)
    (stolen,) = claims.claim(clock.now(), limit=1)
    claims.release_stale(clock.now() + claims.STALE_AFTER)
    outcome = claims.Outcome(mail_id=stolen.id, claim=stolen.claim, kind="failed", at=clock.now())
    assert claims.record(outcome) == ""
    assert mail_at(KIT).state == "queued"


def test_a_slow_batch_keeps_its_claims_and_drops_those_it_lost(app, queue, mails):
    queue(ROBIN, KIT)
    claimed = claims.claim(clock.now(), limit=2)
    soon = clock.now() + timedelta(minutes=9)
    assert [m.id for m in claims.renew(claimed, soon)] == [m.id for m in claimed]
    assert claims.release_stale(clock.now() + timedelta(minutes=11)) == 0
    assert claims.release_stale(soon + claims.STALE_AFTER) == 2
    assert claims.renew(claimed, soon) == []


def test_a_failing_goodbye_does_not_send_the_mail_again(server, worker, queue, mail_at, monkeypatch):
    async def handle_QUIT(server_, session, envelope):
        server_.transport.abort()
        return "221 never heard"

    monkeypatch.setattr(MailServer, "handle_QUIT", staticmethod(handle_QUIT), raising=False)
    queue(KIT)
    assert worker.run_once() == {"sent": 1}
    assert mail_at(KIT).state == "sent"


def test_a_thread_sends_at_once_what_is_committed_in_its_process(app, server, queue):
    worker = Worker(app, poll=3600).start()
    try:
        queue(ROBIN)
        server.wait_for(1)
    finally:
        worker.stop()
    assert not worker.thread.is_alive()


def test_a_thread_survives_a_database_that_is_away(app, server, queue, hidden_table, caplog):
    queue(ROBIN)
    hidden_table.hide()
    worker = Worker(app, poll=0.02)
    complained = hidden_table.event_on(worker, "_complain")
    worker.start()
    try:
        assert complained.wait(DEADLINE)
        hidden_table.show()
        server.wait_for(1)
    finally:
        worker.stop()
    assert "The mail worker goes on after" in caplog.text


def test_stopping_cuts_a_hanging_server_off_and_leaves_no_claim(app, server, queue, mails):
    server.replies["DATA", ROBIN] = ["hang"]
    worker = Worker(app, timeout=60, poll=3600)
    queue(ROBIN, KIT)
    worker.start()
    server.wait_until(lambda: ROBIN in server.asked)
    worker.stop(patience=0.5)
    assert not worker.thread.is_alive()
    assert {(m.state, m.claim) for m in mails().values()} == {("queued", None)}
    assert (mails()[ROBIN].attempts, mails()[KIT].attempts) == (1, 0)
