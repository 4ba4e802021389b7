"""What staff see of the outbox: lists by state, counts, and whether mail is stuck."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select, text

from .. import clock
from ..extensions import db
from ..lists.counting import WORTH_TELLING, counted
from .addresses import as_kept
from .claims import is_next
from .models import FAILED_SQL, OutboxMail, without_bodies

COUNTED = WORTH_TELLING
NEWEST_FIRST = (OutboxMail.id.desc(),)
NOTICED_AFTER = timedelta(seconds=30)  # a mail that a worker is about to send is no trouble
WORKER_MISSED_AFTER = timedelta(minutes=10)
LATELY = timedelta(days=1)

_FAILED = text(FAILED_SQL)  # said as the index says it
# What each list holds. A mail that is being sent counts as queued, be it withdrawn: it is one for a few seconds.
LISTS: dict[str, ColumnElement[bool]] = {
    "queued": OutboxMail.state.in_(("queued", "sending")),
    "sent": OutboxMail.state == "sent",
    "failed": and_(_FAILED, OutboxMail.given_up_at.is_(None)),
    "given up": and_(_FAILED, OutboxMail.given_up_at.is_not(None)),
}


class Trouble(NamedTuple):
    """Mail does not go out. `kind` is "stuck" (the mail server takes none), "idle" (no worker runs) or "failed"
    (the server or a recipient's refused this one for good); `words` are the server's own, `mail_id` is one of the
    mails, `since` when it should have gone."""

    kind: str
    words: str
    mail_id: int
    since: datetime


def matching(which: str, *, to: str = "") -> Select:
    """The query of one of LISTS, of one recipient where it is given, however the address is written; no bodies."""
    query = select(OutboxMail).where(LISTS[which]).options(*without_bodies())
    return query.where(func.lower(OutboxMail.to_address).in_(as_kept(to))) if to else query


def counts() -> dict[str, int]:
    """How many mails are in each of LISTS, up to COUNTED."""
    lists = {name: select(OutboxMail).where(condition) for name, condition in LISTS.items()}
    parts = [counted(query, OutboxMail.id, up_to=COUNTED).label(name) for name, query in lists.items()]
    row = db.session.execute(select(*parts)).one()
    return dict(row._mapping)


def trouble() -> Trouble | None:
    """Why mail does not go out, if it does not: a look at the end of an index, for every page of staff.

    What is stuck comes before what failed within LATELY.
    """
    now = clock.now()
    return _stuck(now) or _failed_lately(now)


def _stuck(now: datetime) -> Trouble | None:
    longest_due = db.session.execute(
        select(OutboxMail.id, OutboxMail.next_attempt_at, OutboxMail.last_error)
        .where(OutboxMail.state == "queued", OutboxMail.next_attempt_at <= now - NOTICED_AFTER, is_next())
        .order_by(OutboxMail.next_attempt_at, OutboxMail.id)
        .limit(1)
    ).first()
    if longest_due is None:
        return None
    mail_id, since, words = longest_due
    if words:
        return Trouble(kind="stuck", words=words, mail_id=mail_id, since=since)
    if since <= now - WORKER_MISSED_AFTER:
        return Trouble(kind="idle", words="No mail worker seems to be running.", mail_id=mail_id, since=since)
    return None


def _failed_lately(now: datetime) -> Trouble | None:
    latest = db.session.execute(
        select(OutboxMail.id, OutboxMail.next_attempt_at, OutboxMail.last_error)
        .where(LISTS["failed"], OutboxMail.next_attempt_at >= now - LATELY)
        .order_by(OutboxMail.next_attempt_at.desc(), OutboxMail.id.desc())
        .limit(1)
    ).first()
    if latest is None:
        return None
    mail_id, since, words = latest
    return Trouble(kind="failed", words=words, mail_id=mail_id, since=since)
