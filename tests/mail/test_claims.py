"""Claims by themselves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, select

from clinic_app import clock, database
from clinic_app.extensions import db
from clinic_app.mail import changing, claims
from clinic_app.mail.models import OutboxMail
from tests.locks import ON_POSTGRESQL, begin

KIT, ROBIN = "kit@example.org", "robin@example.org"


def come_of_all(kind: str, words: str) -> list[str]:
    """Claim whatever can go now, with the same outcome for each; gives the events of those mails."""
    claimed = claims.claim(clock.now(), limit=20)
    for mail in claimed:
        claims.record(claims.Outcome(mail_id=mail.id, claim=mail.claim, kind=kind, words=words, at=clock.now()))
    return [mail.event for mail in claimed]


@pytest.fixture
def behind_another(queue):
    """A mail behind an earlier one, which a mailbox that is full puts off; the server has been away since, for a
    moment. Gives the clock, which stands still."""
    with time_machine.travel(clock.now(), tick=False) as clocked:
        for event in ("made", "moved"):
            queue(KIT, event=event, about=("appointment", 1))
        assert come_of_all("deferred", "452 Mailbox full") == ["made"]
        claims.note_trouble("No connection", clock.now())
        yield clocked


def moved() -> OutboxMail:
    db.session.rollback()
    return db.session.scalars(select(OutboxMail).filter_by(event="moved")).one()


def test_a_mail_behind_another_is_not_given_up_with_a_server_that_it_never_asked(behind_another):
    behind_another.shift(timedelta(days=2))
    assert claims.note_trouble("No connection", clock.now()) == 1, "the earlier one"
    assert (moved().state, moved().attempts, moved().last_error) == ("queued", 0, "")


def test_a_mail_behind_another_that_is_given_up_has_two_days_of_its_own(behind_another):
    behind_another.shift(timedelta(days=2, minutes=5))
    assert come_of_all("deferred", "452 Mailbox full") == ["made"]
    assert come_of_all("deferred", "451 Greylisted") == ["moved"]
    assert (moved().state, moved().last_error) == ("queued", "451 Greylisted")


def test_a_claim_takes_no_more_than_it_was_asked_for_and_the_longest_due_first(app, queue):
    numbers = queue(*(f"guest{n:03}@example.org" for n in range(300)))
    assert [mail.id for mail in claims.claim(clock.now(), limit=20)] == numbers[:20]
    assert [mail.id for mail in claims.claim(clock.now(), limit=20)] == numbers[20:40]


def test_renewing_leaves_the_claims_of_other_workers_to_go_stale(queue, mails):
    queue(KIT, ROBIN)
    begun = clock.now()
    (kits,), robins = claims.claim(begun, limit=1), claims.claim(begun, limit=1)
    later = begun + claims.STALE_AFTER
    assert claims.renew(robins, later) == robins
    assert claims.release_stale(later) == 1
    assert (kits.to_address, mails()[KIT].state, mails()[ROBIN].state) == (KIT, "queued", "sending")


def test_a_mail_that_was_erased_meanwhile_is_told_from_one_whose_claim_was_lost(queue):
    queue(KIT, ROBIN)
    kits, robins = claims.claim(clock.now(), limit=2)
    with database.transaction():
        db.session.execute(delete(OutboxMail).where(OutboxMail.id == kits.id))
    sent = claims.Outcome(mail_id=kits.id, claim=kits.claim, kind="sent", at=clock.now())
    assert claims.record(sent) == "gone"
    assert claims.record(sent._replace(mail_id=robins.id, claim="of a worker that was too slow")) == ""


def test_what_is_tried_again_in_the_same_trouble_has_two_days_more_and_no_longer(queue, mails):
    with time_machine.travel(clock.now(), tick=False) as clocked:
        (number,) = queue(KIT)
        given_up = [claims.note_trouble("No connection", clock.now())]
        for _ in range(2):
            clocked.shift(claims.GIVE_UP_AFTER)
            given_up.append(claims.note_trouble("No connection", clock.now()))
            assert (mails()[KIT].state, mails()[KIT].last_attempted_at) == ("failed", clock.now())
            with database.transaction():
                changing.retry(number)
            given_up.append(claims.note_trouble("No connection", clock.now()))
    assert given_up == [0, 1, 0, 1, 0]


def test_claims_made_at_the_same_time_share_no_row_and_miss_none(app, queue):
    numbers = queue(*(f"guest{n:03}@example.org" for n in range(300)))

    def claim_all(_):
        taken = []
        with app.app_context():
            while batch := claims.claim(clock.now(), limit=7):
                assert len(batch) <= 7
                taken += [mail.id for mail in batch]
        return taken

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(claim_all, range(4)))
    assert sorted(sum(shares, [])) == numbers


@pytest.fixture
def beside(app):
    """Has a worker do something while somebody changes a mail: it waits for nobody, as it may have other mails in
    hand for which they wait."""

    def do(mail_id: int, work) -> None:
        with database.transaction():
            changing.withdraw_untrue(mail_id, reason="it was moved since")
            worker = begin(app, work)
            assert not worker.is_alive()

    return do


@ON_POSTGRESQL
def test_trouble_is_noted_beside_a_mail_that_somebody_changes(queue, beside, mails):
    changed, _ = queue(KIT, ROBIN)
    beside(changed, lambda: claims.note_trouble("No connection", clock.now()))
    assert (mails()[KIT].state, mails()[ROBIN].last_error) == ("failed", "No connection")


@ON_POSTGRESQL
def test_stale_mails_are_released_beside_one_that_somebody_changes(queue, beside, mails):
    changed, _ = queue(KIT, ROBIN)
    claims.claim(clock.now(), limit=2)
    beside(changed, lambda: claims.release_stale(clock.now() + claims.STALE_AFTER))
    assert (mails()[KIT].state, mails()[ROBIN].state) == ("sending", "queued")


@ON_POSTGRESQL
def test_claims_are_renewed_beside_a_mail_that_somebody_changes_and_that_stays_the_workers(queue, beside, mails):
    changed, _ = queue(KIT, ROBIN)
    claimed, kept = claims.claim(clock.now(), limit=2), []
    later = clock.now() + timedelta(minutes=2)
    beside(changed, lambda: kept.extend(claims.renew(claimed, later)))
    assert kept == claimed
    assert mails()[ROBIN].claimed_at == later
