"""Tables of enquiries."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    inspect,
    update,
)
from sqlalchemy import event as events
from sqlalchemy.orm import Mapped, mapped_column, validates

from .. import clock
from ..extensions import db
from ..keys import encryption
from ..keys.encryption import SealedText
from ..lists.records import is_nowhere
from ..times.kept_weeks import KeptWeek
from ..types import UTCDateTime
from .words import index_words

STATES = ("new", "open", "closed", "spam")
MESSAGE_LENGTH = 5_000
SEARCHED = ("name", "email", "phone", "reference", "message")


class Enquiry(db.Model):
    """A message from the contact form, with what the sender said of themselves and what we made of it.

    `new` ones have not been answered, by mail or by phone; `open` ones have, and are not done with.
    """

    __tablename__ = "enquiries"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(9))  # digits; `references.shown` groups them
    form_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), server_default="")  # in lower case, to find a person by
    phone: Mapped[str] = mapped_column(String(20))  # E.164
    topic: Mapped[str] = mapped_column(String(100))
    message: Mapped[str] = mapped_column(SealedText)
    privacy_version: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    spam_score: Mapped[int]
    spam_reasons: Mapped[list[str]] = mapped_column(JSON)
    message_digest: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))  # who of staff looks after it
    first_answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # by mail or by phone
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # where it is closed, or spam that was

    __table_args__ = (
        UniqueConstraint("reference", name="references_are_unique"),
        UniqueConstraint("form_key", name="one_enquiry_per_form"),
        CheckConstraint("state IN ('new', 'open', 'closed', 'spam')", name="enquiry_state_is_known"),
        CheckConstraint("email <> '' OR phone <> ''", name="an_enquiry_can_be_answered"),
        Index("ix_enquiries_state_received_at", "state", "received_at", "id"),
        Index("ix_enquiries_owner_id_state_received_at", "owner_id", "state", "received_at", "id"),
        Index("ix_enquiries_received_at", "received_at", "id"),
        Index("ix_enquiries_message_digest_received_at", "message_digest", "received_at"),
        Index("ix_enquiries_email_key", "email_key"),
        Index("ix_enquiries_phone", "phone"),
    )

    @validates("email")
    def _keep_email_key(self, _key, email: str) -> str:
        self.email_key = email.lower()
        return email

    @property
    def is_anonymous(self) -> bool:
        """Whether it is nobody's any more: `privacy.anonymise`."""
        return is_nowhere(self.email)


class EnquiryEntry(db.Model):
    """What staff did with an enquiry: a line of its thread. The command line is no member, and has no name.

    `text` is the note, what was said on the phone, the reply, or whom it was assigned to ("" for nobody).
    A reply's mail is a row of the outbox, which knows whether it went out.
    """

    __tablename__ = "enquiry_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    enquiry_id: Mapped[int] = mapped_column(ForeignKey("enquiries.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(SealedText)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    author_name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("mail_outbox.id", ondelete="SET NULL"))
    form_key: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("enquiry_id", "form_key", name="one_entry_per_form"),
        CheckConstraint(
            "kind IN ('note', 'call', 'reply', 'assigned', 'closed', 'reopened', 'spam', 'not spam')",
            name="entries_are_of_a_known_kind",
        ),
        Index("ix_enquiry_entries_mail_id", "mail_id"),
    )


class ReplyTemplate(db.Model):
    """A text that staff answer with again and again."""

    __tablename__ = "reply_templates"
    __table_args__ = (UniqueConstraint("name", name="templates_have_their_own_names"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, onupdate=clock.now)


class EnquiryWeek(KeptWeek, db.Model):
    """A past week's enquiries: how many came, spam apart, and how long each answered one waited.

    `waits` are packed by enquiries.figures.
    """

    __tablename__ = "enquiry_weeks"

    received: Mapped[int]
    spam: Mapped[int]
    waits: Mapped[bytes] = mapped_column(LargeBinary)


class EnquiryWords(db.Model):
    """The words of an enquiry as search knows them.

    A table of its own, so that migrations that rebuild `enquiries` leave the index alone. The databases index it
    by themselves (SQLite by triggers into `enquiry_search`, PostgreSQL by an index on an expression). `inbox`
    stores the words with an enquiry, and `_index_changed` keeps them in step. Whoever changes enquiries by bulk
    statements has to change this table too.
    """

    __tablename__ = "enquiry_words"

    enquiry_id: Mapped[int] = mapped_column(ForeignKey("enquiries.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[str] = mapped_column(Text)


@events.listens_for(Enquiry, "after_update")
def _index_changed(_mapper, connection, enquiry: Enquiry) -> None:
    if any(inspect(enquiry).attrs[name].history.has_changes() for name in SEARCHED):
        ours = EnquiryWords.enquiry_id == enquiry.id
        connection.execute(update(EnquiryWords).where(ours).values(words=words_of(enquiry)))


def words_of(enquiry: Enquiry) -> str:
    """Those of the message only while it is stored as it can be read: the index would tell them."""
    texts = {name: getattr(enquiry, name) for name in SEARCHED}
    return index_words(**(texts | {"message": ""} if encryption.is_on() else texts))
