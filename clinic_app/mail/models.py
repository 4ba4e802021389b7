"""Tables of mail."""

from datetime import datetime
from functools import cache

from sqlalchemy import CheckConstraint, ColumnElement, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, defer, mapped_column

from ..extensions import Base
from ..keys.encryption import SealedText
from ..lists.records import NOBODY, is_nowhere
from ..types import UTCDateTime, partial_index

STATES = ("queued", "sending", "sent", "failed")
UNSENT = ("queued", "sending", "failed")  # said by name, a query finds them without reading all that was sent
FAILED_SQL = "state = 'failed'"
ERASED = "An email, erased"


class OutboxMail(Base):
    """One mail to one recipient, fully rendered; what happened to it stands beside it.

    `queued` rows are sent once `next_attempt_at` has come; `sending` ones belong to the worker whose claim they
    carry; `failed` ones are left until someone asks for another try, or gives them up (`given_up_at`). What a
    later change made untrue the program withdraws: it is given up for good (`withdrawn_at`), while it is `sending`
    too, and `sent` all the same if that had begun. Instants are in UTC.
    """

    __tablename__ = "mail_outbox"
    __table_args__ = (
        UniqueConstraint("event", "to_address", name="one_mail_per_event_and_recipient"),
        UniqueConstraint("message_id", name="message_id_is_unique"),
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="mail_state_is_known"),
        CheckConstraint("(state = 'sending') = (claim IS NOT NULL)", name="claimed_while_sending"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_mail_says_when"),
        Index("ix_mail_outbox_state_next_attempt_at", "state", "next_attempt_at", "id"),
        Index("ix_mail_outbox_state_id", "state", "id"),
        Index("ix_mail_outbox_created_at", "created_at", "id", "state"),
        partial_index("ix_mail_outbox_failed", "state", "given_up_at", "id", where=FAILED_SQL),
        Index("ix_mail_outbox_about", "about_kind", "about_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(String(200))  # what caused it: "enquiry:12:received"
    name: Mapped[str] = mapped_column(String(100))  # folder of its templates
    about_kind: Mapped[str | None] = mapped_column(String(50))  # what it concerns: "enquiry", 12
    about_id: Mapped[int | None]

    to_name: Mapped[str] = mapped_column(Text)
    to_address: Mapped[str] = mapped_column(String(320))
    reply_to_name: Mapped[str] = mapped_column(Text)
    reply_to_address: Mapped[str] = mapped_column(String(320))
    message_id: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(Text)
    text_body: Mapped[str] = mapped_column(SealedText)
    html_body: Mapped[str] = mapped_column(SealedText)
    calendar_method: Mapped[str | None] = mapped_column(String(20))
    calendar_text: Mapped[str | None] = mapped_column(SealedText)

    state: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)  # not sent before; its Date header
    next_attempt_at: Mapped[datetime] = mapped_column(UTCDateTime)  # of what a worker gave up: when it did
    first_attempted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_attempted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    given_up_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # by hand, or as untrue: no trouble then
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # as untrue: nobody can send it any more
    attempts: Mapped[int]
    last_error: Mapped[str] = mapped_column(Text)  # the server's own words
    claim: Mapped[str | None] = mapped_column(String(32))
    claimed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @classmethod
    def is_about(cls, kind: str, number: int) -> ColumnElement[bool]:
        """SQL: whether it concerns this one, such as ("enquiry", 12)."""
        return (cls.about_kind == kind) & (cls.about_id == number)

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing is left of whose it was and what it said: `privacy.anonymise`."""
        return is_nowhere(self.to_address)

    @property
    def title(self) -> str:
        """What it is called in lists: its subject, or that it is erased."""
        return ERASED if self.is_anonymous else self.subject

    @property
    def recipient(self) -> str:
        """The address it goes to, or what stands for one that is gone."""
        return NOBODY if self.is_anonymous else self.to_address


@cache
def without_bodies() -> tuple:
    """Options of a query of mails for lists, which show no bodies. Not made at the start: SQLAlchemy sets up every
    model for them."""
    return tuple(map(defer, (OutboxMail.text_body, OutboxMail.html_body, OutboxMail.calendar_text)))
