"""What became of a mail after the page that a form of it stood on: seen before anybody overrides it.

Each such form tells in `seen` which act of staff's was the last then; that of *Stop trying* tells in `to` where
the mail was going. What somebody did themselves they have seen.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from flask import request

from ..accounts import trail
from ..lists.keyset import row_number
from ..mail.models import OutboxMail
from .area import member

DONE = {"tried again": "Tried again", "gave up": "Given up"}  # by what the trail calls them


class Unseen(Exception):
    """Something was done to the mail that has to be seen first. Nothing is changed."""


class Act(NamedTuple):
    """What was done, by whom and when, as far as it is known."""

    what: str
    by: str = ""
    at: datetime | None = None


def latest(mail_ids: Collection[int]) -> dict[int, int]:
    """What the forms of each of these mails tell in `seen`. One query."""
    return dict.fromkeys(mail_ids, 0) | trail.latest("mail", mail_ids, DONE)


def unseen(mail: OutboxMail) -> list[Act]:
    """What others did since, oldest first; nothing where the form does not say what it was made from."""
    seen = row_number(request.form.get("seen", ""))
    found = [] if seen is None else trail.since(seen, "mail", mail.id, DONE)
    acts = [Act(DONE[each.action], each.by, each.at) for each in found if each.member_id != member().id]
    if request.form.get("to", mail.recipient) != mail.recipient:
        acts.append(Act(f"It goes to {mail.recipient} now"))
    return acts


def refuse_unseen(mail: OutboxMail) -> None:
    """Raise Unseen where there is any. Ask with the mail locked."""
    if unseen(mail):
        raise Unseen
