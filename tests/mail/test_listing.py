"""What staff see of the outbox, and giving up: safe against the workers' claims."""

import contextlib
import threading
from datetime import timedelta

import pytest
import time_machine

from clinic_app import clock, database
from clinic_app.extensions import db
from clinic_app.mail import changing, claims, listing

from .servers import free_port

KIT, ROBIN, LEE = "kit@example.org", "robin@example.org", "lee@example.org"


def give_up(number, **given):
    with database.transaction():
        return changing.give_up(number, **{"reason": "wrong address", "by": "Jo Fictional"} | given)


def listed(which, **filters) -> list[str]:
    db.session.rollback()
    query = listing.matching(which, **filters).order_by(*listing.NEWEST_FIRST)
    return [mail.to_address for mail in db.session.scalars(query)]


def trouble_after(passed: timedelta) -> listing.Trouble | None:
    with time_machine.travel(clock.now() + passed, tick=False):
        return listing.trouble()


def test_lists_and_counts_are_by_what_became_of_each(server, worker, queue):
    server.replies["RCPT", KIT] = ["550 No such person"]
    server.replies["RCPT", ROBIN] = ["451 Later"]
    queue(KIT, ROBIN, LEE)
    worker.run_once()
    (number,) = queue("jo@example.org")
    give_up(number)
    assert {which: listed(which) for which in listing.LISTS} == {
        "queued": [ROBIN],
        "sent": [LEE],
        "failed": [KIT],
        "given up": ["jo@example.org"],
    }
    assert listing.counts() == {"queued": 1, "sent": 1, "failed": 1, "given up": 1}
    assert (listed("sent", to="LEE@example.org"), listed("sent", to=KIT)) == ([LEE], [])


def test_a_mail_given_up_keeps_the_servers_words_and_is_not_sent(server, worker, queue, mail_at):
    server.replies["RCPT", KIT] = ["451 Later"]
    (number,) = queue(KIT)
    worker.run_once()
    give_up(number)
    give_up(number, reason="again")
    mail = mail_at(KIT)
    assert mail.last_error == "Given up by Jo Fictional: wrong address\n451 Later"
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert worker.run_once() == {}
        assert listing.trouble() is None


def test_a_failed_mail_is_set_aside_and_can_be_tried_again_after_all(server, worker, queue, mail_at):
    server.replies["RCPT", KIT] = ["550 No such person"]
    (number,) = queue(KIT)
    worker.run_once()
    give_up(number)
    with database.transaction():
        changing.retry(number)
    assert mail_at(KIT).given_up_at is None
    assert worker.run_once() == {"sent": 1}


def test_a_mail_that_became_untrue_is_never_tried_again_unless_what_made_it_so_is_undone(queue, mail_at):
    (number,) = queue(KIT)
    with database.transaction():
        assert changing.withdraw_untrue(number, reason="it was moved since")
        assert not changing.withdraw_untrue(number, reason="it was cancelled since")
    with pytest.raises(changing.Withdrawn, match=f"mail {number} was withdrawn, as a later change made it untrue"):
        changing.retry(number)
    assert mail_at(KIT).state == "failed"
    with database.transaction():
        for _ in range(2):
            changing.take_up(number)
        changing.take_up(999)
    assert (mail_at(KIT).withdrawn_at, mail_at(KIT).state, mail_at(KIT).last_error) == (None, "queued", "")


def test_what_is_sent_or_being_sent_or_unknown_cannot_be_given_up(server, worker, queue, mail_at):
    (number,) = queue(KIT)
    (claimed,) = claims.claim(clock.now(), limit=1)
    with pytest.raises(changing.NotWaiting, match=f"mail {number} is sending"):
        give_up(number)
    claims.record(claims.Outcome(mail_id=number, claim=claimed.claim, kind="sent", at=clock.now()))
    with pytest.raises(changing.NotWaiting, match=f"mail {number} is sent"):
        give_up(number)
    with pytest.raises(changing.NotWaiting, match="no mail 999"):
        give_up(999)
    assert mail_at(KIT).state == "sent"


def test_what_waits_behind_a_mail_that_was_put_off_is_no_sign_of_a_missing_worker(server, worker, queue, mail_at):
    server.replies["RCPT", KIT] = ["451 Later"] * 2
    queue(KIT, event="made", about=("appointment", 1))
    worker.run_once()
    queue(KIT, event="moved", about=("appointment", 1))
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        worker.run_once()
        assert listing.trouble() is None


def test_a_mail_given_up_is_not_claimed(queue):
    (number,) = queue(KIT)
    give_up(number)
    assert claims.claim(clock.now(), limit=5) == []


def test_a_mail_that_is_given_up_while_workers_claim_is_either_theirs_or_given_up(app, queue, mails):
    numbers = queue(*(f"guest{n:03}@example.org" for n in range(60)))
    taken, kept_back = [], []

    def claim_all():
        with app.app_context():
            while batch := claims.claim(clock.now(), limit=3):
                taken.extend(mail.id for mail in batch)

    def give_all_up():
        with app.app_context():
            for number in reversed(numbers):
                with contextlib.suppress(changing.NotWaiting):
                    kept_back.append(give_up(number).id)

    threads = [threading.Thread(target=each) for each in (claim_all, give_all_up, claim_all)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken + kept_back) == numbers
    assert {m.id for m in mails().values() if m.state == "sending"} == set(taken)
    assert {m.id for m in mails().values() if m.given_up_at} == set(kept_back)


def test_the_reason_is_one_line(queue):
    (number,) = queue(KIT)
    assert give_up(number, reason="a\r\nb" * 1000).last_error.startswith("Given up by Jo Fictional: a b")
    assert "\n" not in changing.give_up(number, reason="", by="").last_error


def test_all_is_well_while_mail_goes_out(server, worker, queue):
    assert listing.trouble() is None
    queue(KIT)
    assert listing.trouble() is None
    worker.run_once()
    assert listing.trouble() is None


def test_a_server_that_takes_no_mail_is_trouble_in_its_own_words(worker, queue, with_settings):
    (number,) = queue(KIT)
    with_settings(mail_server="localhost", mail_port=free_port(), mail_security="none")
    worker.run_once()
    assert listing.trouble() is None, "for a moment nobody need know"
    trouble = trouble_after(timedelta(minutes=1))
    assert (trouble.kind, trouble.mail_id) == ("stuck", number)
    assert "Connection refused" in trouble.words


def test_a_mail_put_off_by_itself_is_no_trouble(server, worker, queue):
    server.replies["RCPT", KIT] = ["451 Later"]
    queue(KIT)
    worker.run_once()
    assert listing.trouble() is None


def test_mail_that_no_worker_takes_is_trouble(queue):
    queue(KIT)
    assert trouble_after(timedelta(minutes=9)) is None
    assert trouble_after(timedelta(minutes=11)).kind == "idle"


def test_a_mail_that_is_refused_after_no_worker_ran_for_days_is_trouble(server, worker, queue):
    server.replies["RCPT", KIT] = ["550 No such person"]
    queue(KIT)
    with time_machine.travel(clock.now() + timedelta(days=4)):
        worker.run_once()
        trouble = listing.trouble()
    assert (trouble.kind, trouble.words) == ("failed", "550 No such person")


def test_a_mail_that_is_given_up_after_no_worker_ran_for_days_is_trouble(queue):
    queue(KIT)
    for days in (7, 9):
        claims.note_trouble("No connection", clock.now() + timedelta(days=days))
    trouble = trouble_after(timedelta(days=9))
    assert (trouble.kind, trouble.words) == ("failed", "No connection")


def test_a_mail_that_failed_lately_is_trouble_until_it_is_looked_after(server, worker, queue):
    server.replies["RCPT", KIT] = ["550 No such person"]
    (number,) = queue(KIT)
    worker.run_once()
    trouble = listing.trouble()
    assert (trouble.kind, trouble.words) == ("failed", "550 No such person")
    assert trouble_after(timedelta(days=2)) is None
    give_up(number)
    assert listing.trouble() is None
