"""Withdrawing what a worker has in hand: a claim is no way past a change that made the mail untrue."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete

from clinic_app import clock, database
from clinic_app.extensions import db
from clinic_app.mail import changing, claims, listing
from clinic_app.mail.models import OutboxMail
from clinic_app.mail.worker import Worker

from .servers import DEADLINE

ROBIN, KIT, ALEX, LEE = "robin@example.org", "kit@example.org", "alex@example.com", "lee@example.org"
WHY = "Withdrawn: it was cancelled since"


def withdraw(*numbers):
    with database.transaction():
        return [changing.withdraw_untrue(number, reason="it was cancelled since") for number in numbers]


def take_up(*numbers):
    with database.transaction():
        for number in numbers:
            changing.take_up(number)


def come_of(claimed, kind, words="", *, after=timedelta()):
    return claims.record(
        claims.Outcome(mail_id=claimed.id, claim=claimed.claim, kind=kind, words=words, at=clock.now() + after)
    )


@pytest.fixture
def meanwhile(app, server):
    """Has something done, in the server's thread, while the mail to an address is being sent."""

    def plan(address, *acts):
        def do(came):
            if came == address:
                with app.app_context():
                    for act, numbers in acts:
                        act(*numbers)

        server.on_data = do

    return plan


@pytest.fixture
def working(app):
    """A worker in a thread, which looks at the outbox once."""
    worker = Worker(app, poll=3600)
    yield worker.start
    worker.stop()


@pytest.fixture
def in_hand(queue):
    """A mail to Kit that a worker has claimed, as the worker knows it."""
    queue(KIT)
    (claimed,) = claims.claim(clock.now(), limit=1)
    return claimed


def test_mails_are_withdrawn_in_the_order_of_their_numbers(queue):
    """Two who withdraw some of the same then cannot wait for each other."""
    numbers = queue(ROBIN, KIT, ALEX, about=("appointment", 1))
    with database.transaction():
        changing.retry(numbers[0])  # behind the others, in PostgreSQL's table
    with database.transaction():
        which = OutboxMail.is_about("appointment", 1)
        assert changing.withdraw_all_untrue(which, reason="they were cancelled since") == numbers


def test_what_is_withdrawn_while_a_worker_sends_another_of_its_batch_never_goes(
    server, meanwhile, working, queue, mails
):
    _, *untrue, _ = queue(ROBIN, KIT, ALEX, LEE)
    meanwhile(ROBIN, (withdraw, untrue))
    worker = working()
    server.wait_for(2)
    worker.stop()
    assert server.addresses == [LEE, ROBIN]
    for address in (KIT, ALEX):
        mail = mails()[address]
        assert (mail.state, mail.claim, mail.attempts, mail.last_error) == ("failed", None, 0, WHY)
        assert mail.withdrawn_at == mail.given_up_at <= clock.now()


def test_what_is_withdrawn_while_it_is_put_off_is_not_tried_again(server, meanwhile, worker, queue, mail_at):
    server.replies["DATA", KIT] = ["451 Not now"]
    numbers = queue(KIT)
    meanwhile(KIT, (withdraw, numbers))
    assert worker.run_once() == {"withdrawn": 1}
    assert (mail_at(KIT).state, mail_at(KIT).attempts) == ("failed", 1)
    assert mail_at(KIT).last_error == f"{WHY}\n451 Not now"
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        assert worker.run_once() == {}
        assert listing.trouble() is None


def test_what_is_withdrawn_once_it_has_begun_may_go_and_says_both(server, meanwhile, worker, queue, mail_at):
    numbers = queue(KIT)
    meanwhile(KIT, (withdraw, numbers))
    assert worker.run_once() == {"sent": 1}
    mail = mail_at(KIT)
    assert (mail.state, mail.given_up_at, mail.last_error) == ("sent", None, WHY)
    assert mail.withdrawn_at <= mail.sent_at
    with pytest.raises(changing.NotFailed):
        changing.retry(mail.id)
    assert withdraw(mail.id) == [False]
    take_up(mail.id)
    assert (mail_at(KIT).state, mail_at(KIT).withdrawn_at, mail_at(KIT).last_error) == ("sent", None, "")


def test_what_holds_again_while_a_worker_has_it_goes_out_once(server, meanwhile, worker, queue, mails):
    _, *others = queue(ROBIN, KIT, ALEX)
    meanwhile(ROBIN, (withdraw, others), (take_up, others))
    assert worker.run_once() == {"sent": 3}
    assert server.addresses == [ALEX, KIT, ROBIN]
    assert {(m.withdrawn_at, m.given_up_at, m.last_error) for m in mails().values()} == {(None, None, "")}


@pytest.mark.parametrize("kind", ["released", "deferred"])
def test_what_holds_again_after_its_worker_let_it_go_is_queued(in_hand, mail_at, kind):
    withdraw(in_hand.id)
    assert come_of(in_hand, kind) == "withdrawn"
    assert mail_at(KIT).state == "failed"
    take_up(in_hand.id)
    assert (mail_at(KIT).state, mail_at(KIT).given_up_at, mail_at(KIT).last_error) == ("queued", None, "")


def test_what_somebody_had_given_up_stays_so_once_it_holds_again(queue, mail_at):
    (number,) = queue(KIT)
    with database.transaction():
        changing.give_up(number, reason="Mistyped", by="Jo Fictional")
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        withdraw(number)
        for _ in range(2):  # the second time, nothing is withdrawn
            take_up(number)
    mail = mail_at(KIT)
    assert (mail.state, mail.last_error) == ("failed", "Given up by Jo Fictional: Mistyped")
    assert mail.given_up_at


def test_what_was_sent_was_true_when_it_went_and_is_not_withdrawn(in_hand, mail_at):
    come_of(in_hand, "sent")
    assert withdraw(in_hand.id) == [False]
    assert (mail_at(KIT).state, mail_at(KIT).withdrawn_at) == ("sent", None)


@pytest.mark.parametrize("is_refused_before", [True, False])
def test_what_holds_again_and_was_refused_is_not_tried_again(in_hand, mail_at, is_refused_before):
    acts = [lambda: come_of(in_hand, "failed", "550 No such person"), lambda: withdraw(in_hand.id)]
    for act in acts if is_refused_before else reversed(acts):
        act()
    take_up(in_hand.id)
    mail = mail_at(KIT)
    assert (mail.state, mail.given_up_at, mail.last_error) == ("failed", None, "550 No such person")
    assert listing.trouble().kind == "failed"


def test_what_was_tried_again_by_hand_waits_again_once_it_holds(in_hand, mail_at):
    come_of(in_hand, "failed", "550 No such person", after=-timedelta(minutes=1))
    with database.transaction():
        changing.retry(in_hand.id)
    withdraw(in_hand.id)
    take_up(in_hand.id)
    assert mail_at(KIT).state == "queued"


def test_what_holds_again_between_a_workers_look_and_its_letting_go_is_queued(in_hand, mail_at):
    withdraw(in_hand.id)
    assert not claims.stands(in_hand)
    take_up(in_hand.id)
    assert come_of(in_hand, "released") == "queued"
    assert claims.claim(clock.now(), limit=1)


def test_a_mail_in_hand_is_withdrawn_once_and_nobody_can_send_it_or_give_it_up(in_hand, mail_at):
    assert withdraw(in_hand.id, in_hand.id) == [True, False]
    with pytest.raises(changing.Withdrawn):
        changing.retry(in_hand.id)
    with pytest.raises(changing.Withdrawn):
        changing.give_up(in_hand.id, reason="Mistyped", by="Jo Fictional")
    mail = mail_at(KIT)
    assert (mail.state, mail.claim, mail.last_error) == ("sending", in_hand.claim, WHY)
    assert listing.counts() == {"queued": 1, "sent": 0, "failed": 0, "given up": 0}
    come_of(in_hand, "failed", "550 No such person")
    assert listing.counts() == {"queued": 0, "sent": 0, "failed": 0, "given up": 1}
    assert mail_at(KIT).last_error == f"{WHY}\n550 No such person"
    assert listing.trouble() is None


def test_what_was_withdrawn_in_the_hand_of_a_worker_that_stopped_is_not_queued_again(queue, mails):
    untrue, _ = queue(KIT, ROBIN)
    claims.claim(clock.now(), limit=2)
    withdraw(untrue)
    assert claims.release_stale(clock.now() + claims.STALE_AFTER) == 1
    assert (mails()[ROBIN].state, mails()[KIT].state) == ("queued", "failed")
    assert (mails()[KIT].claim, mails()[KIT].attempts) == (None, 1)
    assert mails()[KIT].last_error == f"{WHY}\nThe worker stopped while sending it."


def test_a_worker_sends_nothing_that_is_no_longer_its_own(app, server, meanwhile, worker, queue, mails):
    """One erased, and one whose claim was lost to another worker, while it sent the first."""
    _, erased, lost, _ = queue(ROBIN, KIT, ALEX, LEE)

    def erase(number):
        with database.transaction():
            db.session.execute(delete(OutboxMail).filter_by(id=number))

    def lose(number):
        with database.transaction():
            db.session.get(OutboxMail, number).claim = "another worker's"

    meanwhile(ROBIN, (erase, [erased]), (lose, [lost]))
    worker.run_once()
    assert server.addresses == [LEE, ROBIN]
    assert (mails()[ALEX].state, mails()[ALEX].claim) == ("sending", "another worker's")


def test_what_goes_to_another_address_is_taken_out_of_a_workers_hand(server, meanwhile, worker, queue, mails):
    """What it has begun goes to both: the one before may be nobody's."""
    queue(ROBIN, event="test:1")
    queue(ROBIN, event="test:2")

    def readdress():
        with database.transaction():
            changing.readdress(OutboxMail.to_address == ROBIN, to=KIT)

    meanwhile(ROBIN, (readdress, []))
    worker.run_once()
    assert server.addresses == [KIT, KIT, ROBIN]
    assert (mails()[KIT].state, mails()[KIT].claim, mails()[KIT].attempts) == ("sent", None, 1)


@pytest.mark.parametrize("kind", ["sent", "deferred", "failed", "released"])
def test_what_came_of_a_mail_that_goes_to_another_address_by_now_holds_it_up_no_more(in_hand, mail_at, kind):
    with database.transaction():
        changing.readdress(OutboxMail.to_address == KIT, to=ROBIN)
    come_of(in_hand, kind)
    assert (mail_at(ROBIN).state, mail_at(ROBIN).attempts, mail_at(ROBIN).last_error) == ("queued", 0, "")


def test_withdrawals_while_a_worker_works_stop_all_that_it_has_not_begun(app, server, queue, mails):
    """As each mail comes, one of three threads withdraws one a little behind it. None comes that was withdrawn
    before the mail ahead of it came."""
    addresses = [f"guest{n:03}@example.org" for n in range(60)]
    numbers = dict(zip(addresses, queue(*addresses), strict=True))
    ticks, came, withdrawn = itertools.count(), {}, {}
    permits, first_done = threading.Semaphore(0), threading.Event()

    def on_data(address):
        came.setdefault(address, next(ticks))
        permits.release()
        assert first_done.wait(DEADLINE)

    def withdraw_all(share):
        with app.app_context():
            for address in share:
                assert permits.acquire(timeout=DEADLINE)
                withdraw(numbers[address])
                withdrawn[address] = next(ticks)
                first_done.set()

    server.on_data = on_data
    untrue = addresses[3::2]
    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(Worker(app).run_once)]
        done += [pool.submit(withdraw_all, untrue[share::3]) for share in range(3)]
    counts, *_ = [each.result() for each in done]
    assert server.addresses == sorted(came), "each once"
    states = {address: mail.state for address, mail in mails().items()}
    assert states == dict.fromkeys(addresses, "failed") | dict.fromkeys(came, "sent")
    assert set(addresses) - set(came) <= set(untrue)
    assert counts["sent"] == len(came) < 60
    for ahead, address in itertools.pairwise(came):
        assert withdrawn.get(address, came[ahead]) >= came[ahead], address
