"""What is done to mails that stand in the outbox: tried again, given up, withdrawn, worded anew, sent elsewhere.

A mail is kept from going out in two ways:

- It is deleted, as if it had never been queued. `take_back` does so for all of some mails, and refuses once a
  worker has claimed or tried one of them; `take_back_waiting` for reminders, which are queued anew when due.
- It is withdrawn, and stays for staff to see. `withdraw_untrue` marks it even while a worker has claimed it: the
  worker looks once more before it sends each (`claims.stands`), so only the one that it is sending may still go.
"""

from sqlalchemy import ColumnElement, case, delete, exists, func, literal, select, update
from sqlalchemy.orm import aliased

from .. import clock
from ..extensions import db
from ..types import UTCDateTime
from .addresses import one_line, pair
from .models import UNSENT, OutboxMail
from .outbox import wake_after_commit

REASON_LENGTH = 500
_WORDS = ("to_name", "subject", "text_body", "html_body", "calendar_method", "calendar_text")
_READ_AFRESH = {"synchronize_session": False, "populate_existing": True}


class AlreadyGone(Exception):
    """A mail that was to be deleted is in a worker's hand, was sent, or has been tried."""


class NotFailed(Exception):
    """Only a mail that failed, or that waits for its next attempt, can be tried again."""


class Withdrawn(NotFailed):
    """A later change made this mail untrue, so that the program gave it up: nobody can try it again."""


class NotWaiting(Exception):
    """Only a mail that waits or has failed can be given up: this one was sent, or is being sent just now."""


def retry(mail_id: int) -> OutboxMail:
    """Make a failed or waiting mail due now, with two days ahead of it again; flushes.

    One that is held (`not_before`) is due when that has come. Raises Withdrawn for one that is untrue by now, in
    a worker's hand too, NotFailed for one that was sent, is being sent or does not exist.
    """
    mail = _locked(mail_id)
    if mail is None:
        raise NotFailed(f"there is no mail {mail_id}")
    if mail.withdrawn_at and mail.state != "sent":
        raise _withdrawn(mail)
    if mail.state not in ("failed", "queued"):
        raise NotFailed(f"mail {mail_id} is {mail.state}")
    if mail.given_up_at:
        _forget_why(mail)
    mail.state, mail.first_attempted_at, mail.given_up_at = "queued", None, None
    mail.next_attempt_at = max(mail.due_at, clock.now())
    db.session.flush()
    wake_after_commit()
    return mail


def give_up(mail_id: int, *, reason: str, by: str) -> OutboxMail:
    """Stop trying a waiting mail, or set a failed one aside; the reason and who gave it stand before the server's
    words. Given up before, nothing happens. Flushes.

    One conditional update, as workers' claims are: what a worker has taken meanwhile is refused. Raises NotWaiting
    for a mail that was sent, is being sent or does not exist, Withdrawn for one that was given up as untrue.
    """
    waits = OutboxMail.state.in_(("failed", "queued")) & OutboxMail.given_up_at.is_(None)
    if mail := _set_aside(mail_id, f"Given up by {by}: {reason}", where=waits, given_up_at=clock.now()):
        return mail
    mail = db.session.get(OutboxMail, mail_id, populate_existing=True)
    if mail is None or mail.given_up_at is None:
        raise NotWaiting(f"mail {mail_id} is {mail.state}" if mail else f"there is no mail {mail_id}")
    if mail.withdrawn_at:
        raise _withdrawn(mail)
    return mail


def readdress(which: ColumnElement[bool], *, to: str) -> None:
    """Those of these mails that have not gone out go to this address instead.

    Also what failed at the other one; what somebody gave up stays so. What was put off is due at once, held mails
    when they were. What a worker has claimed is taken from it: it passes that over, and what it has begun may go
    to both. Where the address has the same mail already, that is enough. Raises BadAddress.
    """
    _, address = pair(to)
    other = aliased(OutboxMail)
    same = (other.event == OutboxMail.event, other.to_address == address, other.id != OutboxMail.id)
    unsent = which & OutboxMail.state.in_(UNSENT) & OutboxMail.withdrawn_at.is_(None)
    # Locked in the order of their numbers, as whoever erases a person does.
    ids = db.session.scalars(select(OutboxMail.id).where(unsent).order_by(OutboxMail.id).with_for_update()).all()
    doubled = OutboxMail.id.in_(ids) & exists().where(*same)
    withdrawn = withdraw_all_untrue(doubled, reason=f"{address} has the same email already")
    is_open, now = OutboxMail.given_up_at.is_(None), literal(clock.now(), UTCDateTime)
    change = (
        update(OutboxMail)
        .where(OutboxMail.id.in_(set(ids) - set(withdrawn)))
        .values(
            to_address=address,
            state=case((is_open, "queued"), else_=OutboxMail.state),
            claim=None,
            claimed_at=None,
            next_attempt_at=case((OutboxMail.due_at > now, OutboxMail.due_at), else_=now),
            first_attempted_at=None,
            last_error=case((is_open, ""), else_=OutboxMail.last_error),
        )
    )
    db.session.execute(change, execution_options={"synchronize_session": False})
    wake_after_commit()


def untried(which: ColumnElement[bool]) -> list[OutboxMail]:
    """Those of these mails that nobody has tried to send, oldest first; no worker takes one before the transaction
    ends."""
    query = select(OutboxMail).where(which, OutboxMail.state == "queued", OutboxMail.attempts == 0)
    query = query.order_by(OutboxMail.id).with_for_update()
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def reword(mail: OutboxMail, row: dict) -> None:
    """Have an untried mail say what `outbox.compose` has made of the same news anew; flushes.

    It stays the mail of its event, in its turn, so that what tells whether that was heard finds it.
    """
    for column in _WORDS:
        setattr(mail, column, row[column])
    db.session.flush()


def withdraw_untrue(mail_id: int, *, reason: str) -> bool:
    """Give a mail up for good, be it given up by somebody before, as it says what no longer holds; flushes.

    Gives whether it is withdrawn by that: not so one that was sent or was withdrawn before. One that a worker has
    begun to send may still go, and is known as sent then; one that it has only claimed does not.
    """
    stands = (OutboxMail.state != "sent") & OutboxMail.withdrawn_at.is_(None)
    now = literal(clock.now(), UTCDateTime)
    instants = {"withdrawn_at": now, "given_up_at": func.coalesce(OutboxMail.given_up_at, now)}
    return _set_aside(mail_id, f"Withdrawn: {reason}", where=stands, **instants) is not None


def withdraw_all_untrue(which: ColumnElement[bool], *, reason: str) -> list[int]:
    """`withdraw_untrue` for each of these mails; gives the numbers of those that are withdrawn by that, in order:
    two who withdraw some of the same cannot wait for each other."""
    unsent = select(OutboxMail.id).where(which, OutboxMail.state != "sent")
    return [each for each in sorted(db.session.scalars(unsent)) if withdraw_untrue(each, reason=reason)]


def _set_aside(mail_id: int, words: str, *, where: ColumnElement[bool], **instants) -> OutboxMail | None:
    """What a worker has in hand stays there, to be settled by it."""
    words = one_line(words, REASON_LENGTH)
    return db.session.scalar(
        update(OutboxMail)
        .where(OutboxMail.id == mail_id, where)
        .values(
            state=case((OutboxMail.state == "sending", "sending"), else_="failed"),
            last_error=case((OutboxMail.last_error == "", words), else_=words + "\n" + OutboxMail.last_error),
            **instants,
        )
        .returning(OutboxMail),
        execution_options=_READ_AFRESH,
    )


def take_up(mail_id: int) -> None:
    """Undo `withdraw_untrue`: the mail is queued again, as by `retry`, unless somebody had given it up before, or
    the server had refused it. One that a worker still has is the worker's to send, and one that was sent all the
    same was right to go."""
    mail = _locked(mail_id)
    if mail is None or mail.withdrawn_at is None:
        return
    was_open = mail.given_up_at == mail.withdrawn_at
    mail.withdrawn_at = None
    if was_open:
        mail.given_up_at = None
    _forget_why(mail)
    db.session.flush()
    if was_open and mail.state == "failed" and not _had_its_last_attempt(mail):
        retry(mail_id)


def _had_its_last_attempt(mail: OutboxMail) -> bool:
    """What still waited is due later than it was last tried."""
    return mail.last_attempted_at is not None and mail.next_attempt_at <= mail.last_attempted_at


def _locked(mail_id: int) -> OutboxMail | None:
    """The mail as it is now, which no worker takes before the transaction ends."""
    return db.session.get(OutboxMail, mail_id, populate_existing=True, with_for_update=True)


def _withdrawn(mail: OutboxMail) -> Withdrawn:
    return Withdrawn(f"mail {mail.id} was withdrawn, as a later change made it untrue")


def _forget_why(mail: OutboxMail) -> None:
    """Leave out the words of who gave the mail up last, and why."""
    mail.last_error = mail.last_error.partition("\n")[2]


def release(*, about: tuple[str, int]) -> None:
    """What is held (`not_before`) of the mails about this is due now, ahead of what is queued from here on."""
    now = clock.now()
    db.session.execute(
        update(OutboxMail)
        .where(OutboxMail.is_about(*about))
        .where(OutboxMail.state == "queued", OutboxMail.due_at > now)
        .values(due_at=now, next_attempt_at=now),
        execution_options={"synchronize_session": False},
    )


def take_back(mail_ids: list[int], *, about: tuple[str, int]) -> None:
    """Take back these mails, all or none, before any has been tried; flushes. Those not there are no matter, and
    those that somebody gave up untried go too.

    `about` is what they concern; what concerns something else stays. Raises AlreadyGone. A worker that is about to
    claim them either has them, or leaves them to us.
    """
    ours = (OutboxMail.id.in_(mail_ids), OutboxMail.is_about(*about))
    mails = select(OutboxMail.state, OutboxMail.attempts).where(*ours).with_for_update()
    if any(attempts or state in ("sending", "sent") for state, attempts in db.session.execute(mails)):
        raise AlreadyGone
    db.session.execute(delete(OutboxMail).where(*ours), execution_options={"synchronize_session": False})


def take_back_waiting(which: ColumnElement[bool]) -> int:
    """Take back those of these mails that no worker has in hand and that are still to be tried, tried before or
    not; gives their number."""
    waiting = delete(OutboxMail).where(which, OutboxMail.state == "queued")
    return db.session.execute(waiting, execution_options={"synchronize_session": False}).rowcount
