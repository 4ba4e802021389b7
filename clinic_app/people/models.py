"""Tables of people: what was erased, when and why, testimonials too. Nothing here tells who it was."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..extensions import db
from ..types import UTCDateTime

ANONYMOUS, ERASED = KINDS = ("anonymous", "erased")
REASONS = {
    "asked": "The person asked for it",
    "not needed": "We no longer need it",
    "not asked for": "It came to us by mistake, and we should not hold it",
    "wrong person": "It was entered under the wrong email address or phone number",
    "test": "It was a test",
    "other": "Another reason",
}
OF_TESTIMONIALS = [reason for reason in REASONS if reason != "wrong person"]  # they are under no address
REMARK_LENGTH = 500


class Erasure(db.Model):
    """One removal of a person's details, or of a testimonial. Kept for good, so it holds none of it itself.

    `counts` says how many rows of what: {"enquiries": 2, "mails": 5}. `member_id` is None for the command line.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        CheckConstraint("kind IN ('anonymous', 'erased')", name="erasures_are_of_a_known_kind"),
        Index("ix_erasures_erased_at", "erased_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(UTCDateTime)
    member_id: Mapped[int | None]  # the number of a member of staff, as accounts know them
    member_name: Mapped[str] = mapped_column(String(200))  # as it was then
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(50))
    remark: Mapped[str] = mapped_column(Text)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)

    identifiers: Mapped[list["ErasedIdentifier"]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )


class ErasedIdentifier(db.Model):
    """An email address, a phone number, a record of an erasure or a testimonial's mark, as a hash that needs the
    site's key.

    By it the same is erased again from a restored backup, and no testimonial of these marks is brought in.
    """

    __tablename__ = "erased_identifiers"
    __table_args__ = (Index("ix_erased_identifiers_digest", "digest"),)

    erasure_id: Mapped[int] = mapped_column(ForeignKey("erasures.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
