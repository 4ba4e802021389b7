"""Forms that were taken: one that is sent twice, by an impatient press or after an outage, does its work once.

For forms whose work no rule of the schema would refuse the second time. Each carries a nonce; see staff.forms.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from . import clock, database
from .extensions import db
from .keys import secret_key
from .types import UTCDateTime

NONCE_LENGTH = 100
KEPT_FOR = timedelta(days=7)


class SentForm(db.Model):
    """A form by its nonce, and the number of what was `made` of it."""

    __tablename__ = "sent_forms"

    nonce: Mapped[str] = mapped_column(String(NONCE_LENGTH), primary_key=True)
    made: Mapped[int | None]
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (Index("ix_sent_forms_sent_at", "sent_at"),)


def once(nonce: str, make: Callable[[], int]) -> int:
    """The number of what `make` makes of the form with this nonce, or has made when it was sent before.

    Part of the caller's transaction: what is rolled back was not sent. Of two that send the same form at once, the
    second waits for the end of the first.
    """
    new = database.upsert(SentForm).values(nonce=nonce, sent_at=clock.now())
    db.session.execute(new.on_conflict_do_nothing(index_elements=["nonce"]))
    form = db.session.get_one(SentForm, nonce, populate_existing=True)
    if form.made is None:
        form.made = make()
    return form.made


def made_of(nonce: str) -> int | None:
    """The number of what was made of the form with this nonce; None where it was not sent before. Only looks."""
    return db.session.scalar(select(SentForm.made).where(SentForm.nonce == nonce))


def key_of(nonce: str, *texts: str) -> str:
    """A key for the row that a form makes: the same form with the same words has the same key each time it comes.

    Changed words are new, since somebody who goes back and adds a line wants the line read. Without a nonce, the
    same words on one day are the same.
    """
    source = nonce or f"no nonce, {clock.today()}"
    return secret_key.digest("\0".join((source, *texts)))


def is_over() -> ColumnElement[bool]:
    """SQL: nobody sends the form again any more."""
    return SentForm.sent_at <= clock.now() - KEPT_FOR
