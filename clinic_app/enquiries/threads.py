"""An enquiry's whole story in order of time: the message, its mails, what staff wrote and did, what came of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from ..extensions import db
from ..mail.models import OutboxMail, without_bodies
from .models import Enquiry, EnquiryEntry


class Item(NamedTuple):
    """One thing that happened. `kind` is "message", "mail", or the kind of the entry.

    A reply has both an entry and its mail, as long as the outbox keeps that. Bodies of mails are not read.
    `made` is what came of it elsewhere: all that is known of it here is that it has an `id`.
    """

    kind: str
    at: datetime
    entry: EnquiryEntry | None = None
    mail: OutboxMail | None = None
    made: Any = None


def read(enquiry: Enquiry, *, besides: Iterable[Item] = ()) -> list[Item]:
    """The thread, with what else is to stand in it, in two queries however long it is."""
    entries = db.session.scalars(select(EnquiryEntry).filter_by(enquiry_id=enquiry.id)).all()
    mails = db.session.scalars(
        select(OutboxMail).where(OutboxMail.is_about("enquiry", enquiry.id)).options(*without_bodies())
    ).all()
    by_id = {mail.id: mail for mail in mails}
    told = {entry.mail_id for entry in entries}
    items = [
        Item(kind="message", at=enquiry.received_at),
        *(Item(kind="mail", at=mail.created_at, mail=mail) for mail in mails if mail.id not in told),
        *(Item(kind=e.kind, at=e.created_at, entry=e, mail=by_id.get(e.mail_id)) for e in entries),
        *besides,
    ]
    return sorted(items, key=_in_order)


def _in_order(item: Item) -> tuple:
    rank = {"message": 0, "mail": 1}.get(item.kind, 2)
    return item.at, rank, (item.entry or item.mail or item.made).id if rank else 0
