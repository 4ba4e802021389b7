"""Tables of enquiries."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import db
from ..types import UTCDateTime

STATES = ("new", "open", "closed", "spam")
MESSAGE_LENGTH = 5_000


class Enquiry(db.Model):
    """A message from the contact form, with what the sender said of themselves and what we made of it."""

    __tablename__ = "enquiries"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(9))  # digits; `references.shown` groups them
    form_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(20))  # E.164
    topic: Mapped[str] = mapped_column(String(100))
    message: Mapped[str] = mapped_column(Text)
    privacy_version: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    spam_score: Mapped[int]
    spam_reasons: Mapped[list[str]] = mapped_column(JSON)
    message_digest: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (
        UniqueConstraint("reference", name="references_are_unique"),
        UniqueConstraint("form_key", name="one_enquiry_per_form"),
        CheckConstraint("state IN ('new', 'open', 'closed', 'spam')", name="enquiry_state_is_known"),
        CheckConstraint("email <> '' OR phone <> ''", name="an_enquiry_can_be_answered"),
        Index("ix_enquiries_state_received_at", "state", "received_at"),
        Index("ix_enquiries_message_digest_received_at", "message_digest", "received_at"),
    )
