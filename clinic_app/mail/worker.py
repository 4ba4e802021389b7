"""Sends what the outbox holds: claims due rows, sends outside any transaction, then records what came of it.

Delivery is at least once: a worker killed after the server took a mail and before that was recorded sends it
again when its claim has gone stale, under the same Message-ID. While workers live, each mail goes out once,
however many workers share the database.
"""

import multiprocessing.util
import random
import threading
import time
from collections import deque
from datetime import timedelta

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from .. import clock, logs
from . import chores, claims, files, outbox
from .claims import Outcome
from .delivery import Postman, ServerTrouble, Verdict
from .models import OutboxMail
from .smtp import TIMEOUT

POLL = 5.0  # seconds between looks at the outbox; a mail queued in this process is seen at once
BATCH = 20
RENEW_AFTER = timedelta(minutes=2)
HOLDS = (5, 15, 30, 60, 120, 300)  # seconds without another try while the server takes no mail
PATIENCE = 1.5  # seconds that a stop waits for the mail in hand, before and after the server is cut off


class Worker:
    """One worker: `run` until told to `stop`, or `run_once` through all that is due."""

    def __init__(self, app: Flask, *, timeout: float = TIMEOUT, poll: float = POLL, say=click.echo) -> None:
        self.app = app
        self.timeout = timeout
        self.poll = poll
        self.say = say
        self.wake = threading.Event()
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None
        self.troubles = 0
        self.hold_until = 0.0  # monotonic: a clock that is set back does not keep mail waiting
        self.unrecorded: deque[tuple[OutboxMail, Outcome]] = deque()
        self.postman: Postman | None = None
        self.last_fault = ""
        outbox.wakes.add(self.wake)

    def start(self) -> "Worker":
        """Run in a daemon thread, stopped cleanly when the process ends."""
        self.thread = threading.Thread(target=self.run, name="mail-worker", daemon=True)
        self.thread.start()
        # A server's processes may be multiprocessing's, which end without `atexit`; this runs in either kind.
        multiprocessing.util.Finalize(None, self.stop, exitpriority=100)
        return self

    def ask_to_stop(self) -> None:
        """Stop after the mail in hand; does not wait for it."""
        self.stopping.set()
        self.wake.set()

    def stop(self, patience: float = PATIENCE) -> None:
        """Stop after the mail in hand; what is claimed and not begun goes back. May be called again.

        A server that does not answer within `patience` seconds is cut off: that mail is put off, not lost.
        """
        self.ask_to_stop()
        thread = self.thread
        if thread is None or thread is threading.current_thread():
            return
        thread.join(patience)
        if thread.is_alive() and (postman := self.postman) is not None:
            postman.cut()
        thread.join(patience)

    def run(self) -> None:
        """Send until stopped. Survives whatever happens to the database and the server, and says so once."""
        faults = 0
        while not self.stopping.is_set():
            try:
                self.run_once()
                faults, self.last_fault = 0, ""
            except Exception as error:  # a thread that ends would be a site that sends no more mail
                faults += 1
                self._complain(error)
            self.wake.wait(min(self.poll * (faults + 1), 60) * random.uniform(0.8, 1.2))  # noqa: S311
            self.wake.clear()

    def run_once(self) -> dict[str, int]:
        """Do the chores, then send all that is due now; gives how many were sent, deferred, failed, released,
        withdrawn.

        Nothing is sent while the server is being left alone after a trouble.
        """
        counts: dict[str, int] = {}
        with self.app.app_context():
            self._record_all(counts)
            chores.do_all(self.app)
            if time.monotonic() < self.hold_until or not claims.work_waits(clock.now()):
                return counts
            if stale := claims.release_stale(clock.now()):
                self.app.logger.warning("%d mails of a worker that stopped are queued again", stale)
            try:
                with Postman(timeout=self.timeout, say=self.say) as self.postman:
                    while not self.stopping.is_set() and self._batch(counts):
                        pass
            except ServerTrouble as trouble:
                self._record_all(counts)
                self._hold(trouble)
            finally:
                self.postman = None
                self._record_all(counts)
        return counts

    def _batch(self, counts: dict[str, int]) -> bool:
        """Claim a batch and send it; whether there was one. Raises ServerTrouble; what is left goes back."""
        mails = deque(claims.claim(clock.now(), limit=BATCH))
        found, renewed = bool(mails), clock.now()
        try:
            while mails and not self.stopping.is_set():
                if clock.now() - renewed > RENEW_AFTER:
                    mails, renewed = deque(claims.renew(list(mails), clock.now())), clock.now()
                    continue
                verdict = self._deliver(mails[0]) if claims.stands(mails[0]) else Verdict("released")
                self._note(mails.popleft(), verdict)
                self._record_all(counts)
        finally:
            for mail in mails:
                self._note(mail, Verdict("released"))
        return found

    def _deliver(self, mail: OutboxMail) -> Verdict:
        try:
            verdict = self.postman.deliver(mail)
        except ServerTrouble:
            raise
        except Exception as error:  # our own fault, which a newer version may mend: no reason to stop the others
            self.app.logger.exception("Mail %d could not be made", mail.id)
            return Verdict("deferred", f"The email could not be made: {type(error).__name__}")
        if verdict.kind == "sent":
            self.troubles = 0
        else:
            # The server's own words may quote the mail; they stand beside it in the outbox.
            self.app.logger.warning("Mail %d %s (%s)", mail.id, verdict.kind, verdict.code or "no reply")
        return verdict

    def _note(self, mail: OutboxMail, verdict: Verdict) -> None:
        came = {"kind": verdict.kind, "words": verdict.words, "at": clock.now()}
        self.unrecorded.append((mail, Outcome(mail_id=mail.id, claim=mail.claim, **came)))

    def _record_all(self, counts: dict[str, int]) -> None:
        """Write down all outcomes; one that the database does not take is kept for the next round, not lost."""
        while self.unrecorded:
            mail, outcome = self.unrecorded[0]
            state = claims.record(outcome)
            self.unrecorded.popleft()
            if state == "failed" and outcome.kind == "deferred":
                self.app.logger.warning("Mail %d is given up after two days", outcome.mail_id)
            kind = state if state == "withdrawn" else outcome.kind
            counts[kind] = counts.get(kind, 0) + 1
            if state == "gone":
                files.remove(mail)  # written once it was erased

    def _hold(self, trouble: ServerTrouble) -> None:
        pause = HOLDS[min(self.troubles, len(HOLDS) - 1)]
        self.troubles += 1
        self.hold_until = time.monotonic() + pause * random.uniform(0.9, 1.1)  # noqa: S311
        self.app.logger.warning("%s. Mail waits; next try in about %d s", trouble, pause)
        if given_up := claims.note_trouble(str(trouble), clock.now()):
            self.app.logger.error("%d mails are given up after two days", given_up)

    def _complain(self, error: Exception) -> None:
        fault = logs.told(error)
        if fault != self.last_fault:
            known = isinstance(error, SQLAlchemyError)
            self.app.logger.error("The mail worker goes on after: %s", fault, exc_info=None if known else error)
            self.last_fault = fault


def start_embedded(app: Flask) -> Worker | None:
    """Start the server process's own worker, where the setting `mail_worker` says so."""
    if app.config["CLINIC"].mail_worker != "embedded":
        return None
    return Worker(app).start()
