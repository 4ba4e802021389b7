"""The outbox: mails queued in the transaction of what causes them. A worker sends them after its commit.

What is done to them afterwards is in `changing`.
"""

import threading
import uuid
import weakref
from datetime import datetime

from flask import current_app
from sqlalchemy import event as events
from sqlalchemy import select
from sqlalchemy.orm import Session, SessionTransaction

from .. import clock, database
from ..extensions import db
from . import rendering
from .addresses import BadAddress, Recipient, pair
from .models import OutboxMail

__all__ = ["BadAddress", "compose", "enqueue", "queue", "queue_all", "wake_after_commit"]

_JUST_QUEUED = "mail_just_queued"
_SAME = ("event", "to_address")

# Set when a mail has been queued and committed in this process: workers wait on one each.
wakes: "weakref.WeakSet[threading.Event]" = weakref.WeakSet()


def enqueue(name: str, *, event: str, **given) -> int:
    """Queue the mail that `compose` makes of the same arguments; gives its number, does not commit.

    The same event and recipient again give the mail that is there, unchanged, however many callers race.
    """
    return queue(compose(name, event=event, **given))


def compose(
    name: str,
    *,
    to: Recipient,
    event: str = "",
    context: dict | None = None,
    reply_to: Recipient | None = None,
    about: tuple[str, int] | None = None,
    calendar: tuple[str, str] | None = None,
    not_before: datetime | None = None,
) -> dict:
    """Render the mail of the folder `name` now, for one recipient; gives the columns of its row, by name.

    `to` and `reply_to` are an address or (display name, address). `event` says what caused the mail, such as
    "enquiry:12:received", `about` what it concerns, such as ("enquiry", 12). `calendar` is (iTIP method, iCalendar
    text). `not_before` is an aware instant. Raises BadAddress, ValueError for a method that is not a word.
    """
    rendered = rendering.render(name, context or {})
    to_name, to_address = pair(to)
    reply_to_name, reply_to_address = pair(reply_to) if reply_to else ("", "")
    method, calendar_text = calendar or (None, None)
    if method is not None and not (method.isascii() and method.isalpha() and method.isupper()):
        raise ValueError(f"{method!r} is not an iTIP method, such as REQUEST")
    now = clock.now()
    due = max(now, not_before) if not_before else now
    return {
        "event": event,
        "name": name,
        "about_kind": about[0] if about else None,
        "about_id": about[1] if about else None,
        "to_name": to_name,
        "to_address": to_address,
        "reply_to_name": reply_to_name,
        "reply_to_address": reply_to_address,
        "message_id": _new_message_id(),
        "subject": rendered.subject,
        "text_body": rendered.text,
        "html_body": rendered.html,
        "calendar_method": method,
        "calendar_text": calendar_text,
        "state": "queued",
        "created_at": now,
        "due_at": due,
        "next_attempt_at": due,
        "attempts": 0,
        "last_error": "",
    }


def queue(row: dict) -> int:
    """Queue what `compose` has made, unless a mail stands for its event and recipient; gives the mail's number."""
    mail_id = db.session.scalar(_insertion(), row)
    if mail_id is None:
        same = {column: row[column] for column in _SAME}
        return db.session.scalars(select(OutboxMail.id).filter_by(**same)).one()
    wake_after_commit()
    return mail_id


def queue_all(rows: list[dict]) -> None:
    """Queue all that `compose` has made, but for those that stand for their event and recipient."""
    if rows:
        db.session.execute(_insertion_of_many(), rows)
        wake_after_commit()


@database.made_once
def _insertion():
    return _insertion_of_many().returning(OutboxMail.id)


@database.made_once
def _insertion_of_many():
    return database.upsert(OutboxMail.__table__).on_conflict_do_nothing(index_elements=_SAME)


def _new_message_id() -> str:
    """An identifier on the sender's domain (RFC 5322, 3.6.4), kept for every attempt at the mail."""
    domain = current_app.config["CLINIC"].sender.rpartition("@")[2].encode("idna").decode()
    return f"<{uuid.uuid4().hex}@{domain}>"


def wake_after_commit() -> None:
    """Have this process's workers look for mail once the transaction is committed."""
    db.session().info[_JUST_QUEUED] = True


@events.listens_for(db.session, "after_transaction_end")
def _wake_workers(session: Session, transaction: SessionTransaction) -> None:
    # Savepoints end too; only the outermost end makes the row visible to a worker.
    if transaction.parent is None and session.info.pop(_JUST_QUEUED, False):
        for wake in list(wakes):
            wake.set()
