"""Which worker has which row: claims by conditional update, so that no two workers ever have the same one.

Each function is one short writing transaction of its own (they are edges). A claim is a token that the row
carries while its mail is sent; what is recorded afterwards is recorded only where the token still stands.

Mails to one address about one thing go out in the order in which they were queued: news that was put off is not
read after what came of it.
"""

import random
import uuid
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from .. import database
from ..extensions import db
from .models import OutboxMail

GIVE_UP_AFTER = timedelta(days=2)  # counted from the first attempt
STALE_AFTER = timedelta(minutes=10)
PAUSES = [timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60)]  # the last one again and again
JITTER = 0.1
STOPPED = "The worker stopped while sending it."

_QUIETLY = {"synchronize_session": False}


class Outcome(NamedTuple):
    """What came of one claimed mail: `sent`, `failed` (refused for good), `deferred`, or `released` untried."""

    mail_id: int
    claim: str
    kind: str
    at: datetime
    words: str = ""


def is_next():
    """SQL: no earlier mail to the same address about the same thing waits or is being sent."""
    earlier = aliased(OutboxMail)
    return ~exists().where(
        earlier.about_kind == OutboxMail.about_kind,
        earlier.about_id == OutboxMail.about_id,
        earlier.to_address == OutboxMail.to_address,
        earlier.id < OutboxMail.id,
        earlier.state.in_(("queued", "sending")),
    )


def in_no_hand(ids: Select) -> ColumnElement[bool]:
    """SQL: the row is one of these, and no other transaction has locked it. A worker that waited for a locked row
    while it holds others, for which somebody waits, would be in a deadlock. SQLite's writers queue anyway.

    A common table expression is worked out once. A plain subquery PostgreSQL may run again for every row that it
    looks at, skipping what it has locked so far: of a limited number it then takes all there is.
    """
    chosen = ids.with_for_update(skip_locked=True).cte("chosen")
    return OutboxMail.id.in_(select(chosen.c.id))


def work_waits(now: datetime) -> bool:
    """Whether any row is due or left behind by a worker; reads two ends of an index."""
    waits = db.session.scalar(select(or_(exists().where(_can_go(now)), exists().where(_stale(now)))))
    db.session.rollback()
    return bool(waits)


def claim(now: datetime, *, limit: int) -> list[OutboxMail]:
    """Claim up to `limit` due rows, longest due first; gives them detached, the claim committed.

    A row waits for an earlier one to the same address about the same thing.
    """
    token = uuid.uuid4().hex
    longest_due = select(OutboxMail.id).where(_can_go(now)).order_by(OutboxMail.next_attempt_at, OutboxMail.id)
    with database.transaction() as session:
        mails = session.scalars(
            update(OutboxMail)
            .where(in_no_hand(longest_due.limit(limit)), OutboxMail.state == "queued")
            .values(state="sending", claim=token, claimed_at=now)
            .returning(OutboxMail),
            execution_options=_QUIETLY,
        ).all()
        session.expunge_all()
    return sorted(mails, key=lambda mail: (mail.next_attempt_at, mail.id))


def renew(mails: list[OutboxMail], now: datetime) -> list[OutboxMail]:
    """Make these claims young again, but for what somebody is changing; gives all that still are the worker's."""
    ours = and_(OutboxMail.id.in_([m.id for m in mails]), OutboxMail.claim.in_({m.claim for m in mails}))
    query = select(OutboxMail.id).where(ours)
    with database.transaction() as session:
        session.execute(
            update(OutboxMail).where(in_no_hand(query)).values(claimed_at=now), execution_options=_QUIETLY
        )
        kept = session.scalars(query).all()
    return [mail for mail in mails if mail.id in kept]


def stands(mail: OutboxMail) -> bool:
    """Whether a claimed mail may go out: not so what was withdrawn, deleted or lost meanwhile. One look-up."""
    is_ours = and_(OutboxMail.id == mail.id, OutboxMail.claim == mail.claim)
    found = db.session.scalar(select(OutboxMail.id).where(is_ours, OutboxMail.withdrawn_at.is_(None)))
    db.session.rollback()
    return found is not None


def record(outcome: Outcome) -> str:
    """Write down what came of a mail; gives its new state, or "" where the claim had been lost meanwhile.

    One that was withdrawn meanwhile and has not gone out is "withdrawn", one that was deleted is "gone".
    """
    with database.transaction() as session:
        mail = session.scalar(
            select(OutboxMail)
            .where(OutboxMail.id == outcome.mail_id, OutboxMail.claim == outcome.claim)
            .with_for_update()
        )
        if mail is None:
            is_there = session.scalar(select(OutboxMail.id).filter_by(id=outcome.mail_id))
            return "" if is_there else "gone"
        _settle(mail, outcome)
        return "withdrawn" if mail.withdrawn_at and mail.state == "failed" else mail.state


def release_stale(now: datetime) -> int:
    """Queue the rows whose worker has not been heard of for STALE_AFTER; gives their number.

    Their mail may or may not have gone out: it counts as an attempt. What was withdrawn meanwhile is not queued.
    """
    holds = OutboxMail.withdrawn_at.is_(None)
    with database.transaction() as session:
        states = session.scalars(
            update(OutboxMail)
            .where(in_no_hand(select(OutboxMail.id).where(_stale(now))))
            .values(
                state=case((holds, "queued"), else_="failed"),
                claim=None,
                claimed_at=None,
                next_attempt_at=now,
                attempts=OutboxMail.attempts + 1,
                first_attempted_at=func.coalesce(OutboxMail.first_attempted_at, now),
                last_error=case((holds, STOPPED), else_=OutboxMail.last_error + "\n" + STOPPED),
            )
            .returning(OutboxMail.state),
            execution_options=_QUIETLY,
        ).all()
    return states.count("queued")


def note_trouble(words: str, now: datetime) -> int:
    """The server took no mail at all: what could have gone stays due, and says why. Gives how many are given up.

    No attempt is counted. The two days of a row begin with the first trouble it meets, which one that waits for
    an earlier one does not.
    """
    waiting = select(OutboxMail.id).where(_can_go(now))
    untold = waiting.where(or_(OutboxMail.first_attempted_at.is_(None), OutboxMail.last_error != words))
    with database.transaction() as session:
        session.execute(
            update(OutboxMail)
            .where(in_no_hand(untold))
            .values(last_error=words, first_attempted_at=func.coalesce(OutboxMail.first_attempted_at, now)),
            execution_options=_QUIETLY,
        )
        given_up = session.scalars(
            update(OutboxMail)
            .where(in_no_hand(waiting.where(OutboxMail.first_attempted_at <= now - GIVE_UP_AFTER)))
            .values(state="failed", last_attempted_at=now, next_attempt_at=now)
            .returning(OutboxMail.id),
            execution_options=_QUIETLY,
        ).all()
    return len(given_up)


def pause_after(attempts: int) -> timedelta:
    """How long a mail waits after so many attempts: at first a minute, at last an hour, give or take a tenth."""
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - keeps retries from marching in step
    return PAUSES[min(attempts, len(PAUSES)) - 1] * spread


def _settle(mail: OutboxMail, outcome: Outcome) -> None:
    mail.claim = mail.claimed_at = None
    if outcome.kind != "released":
        mail.attempts += 1
        mail.first_attempted_at = mail.first_attempted_at or outcome.at
        mail.last_attempted_at = outcome.at
        why = mail.last_error.partition("\n")[0] if mail.withdrawn_at else ""
        mail.last_error = "\n".join(filter(None, (why, outcome.words)))
    if outcome.kind == "sent":
        mail.state, mail.sent_at, mail.given_up_at = "sent", outcome.at, None
    elif outcome.kind == "released":
        mail.state = "queued"
    elif outcome.kind == "failed" or outcome.at - mail.first_attempted_at >= GIVE_UP_AFTER:
        mail.state, mail.next_attempt_at = "failed", outcome.at
    else:
        mail.state, mail.next_attempt_at = "queued", outcome.at + pause_after(mail.attempts)
    if mail.withdrawn_at and mail.state == "queued":
        mail.state = "failed"


def _can_go(now: datetime):
    return and_(OutboxMail.state == "queued", OutboxMail.next_attempt_at <= now, is_next())


def _stale(now: datetime):
    return and_(OutboxMail.state == "sending", OutboxMail.claimed_at <= now - STALE_AFTER)
