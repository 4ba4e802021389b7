"""Power that fails: every process of the server is killed at random moments while people write and book."""

import os
import random
from collections import Counter
from datetime import timedelta

import time_machine
from sqlalchemy import select

from clinic_app import clock
from clinic_app.extensions import db
from clinic_app.mail import claims
from clinic_app.mail.models import OutboxMail
from clinic_app.mail.worker import Worker

from ..tally import times
from .stream import Stream, survivors

KILLS = times(2, int(os.environ.get("PROOF_KILLS", "100")))  # on each database
WORKERS = 2


def test_whoever_was_answered_is_there_with_all_mails_after_every_kill(site, tally):
    with Stream(site.app, site.server) as stream:
        for _ in range(KILLS):
            stream.wait_for(random.randint(1, 12))
            site.server.kill()
            site.server.start()
        stream.wait_for(1)
    site.server.kill()
    tried, survived = len(stream.answered), survivors(stream.answered)
    send_what_is_left(site.app)
    again = mails_sent_again(site.smtp)
    assert again <= (KILLS + 1) * WORKERS, "one mail in hand for each worker that was killed"
    remarks = f"{len(site.smtp.taken)} mails taken, {again} of them again under the same Message-ID"
    site.server.start()
    tally("server killed (SIGKILL)", site.database, faults=KILLS, tried=tried, survived=survived, remarks=remarks)


def send_what_is_left(app) -> None:
    """A worker that starts when the claims of those who were killed are stale."""
    worker = Worker(app)
    with time_machine.travel(clock.now() + claims.STALE_AFTER + timedelta(seconds=1)):
        worker.run_once()
    worker.stop()


def mails_sent_again(smtp) -> int:
    """How many the mail server has more than once; each mail of the outbox must be there, and be known as sent.

    Those that a later change made untrue before they went may be there or not.
    """
    db.session.rollback()
    outbox = db.session.scalars(select(OutboxMail)).all()
    taken = Counter(message["Message-ID"] for _, message in smtp.taken)
    untrue = {mail.message_id for mail in outbox if mail.given_up_at}
    true = [mail for mail in outbox if not mail.given_up_at]
    assert {mail.state for mail in true} == {"sent"}
    assert set(taken) - untrue == {mail.message_id for mail in true}
    return taken.total() - len(taken)
