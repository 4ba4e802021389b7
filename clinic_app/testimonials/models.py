"""Tables of testimonials. What people wrote is kept as they wrote it: the schema refuses any change of `text`."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .. import clock
from ..extensions import db
from ..text import folding, word_index
from ..types import UTCDateTime, partial_index

WAITING, PUBLISHED, HIDDEN = STATES = ("waiting", "published", "hidden")


class Testimonial(db.Model):
    """Someone's words about the clinic.

    `text` is verbatim for as long as it is here: the trigger `testimonial_text_is_verbatim` raises on every change
    of it. It goes with the row (`privacy.erase`).
    `reasons` is why it was held when it came: a list of {rule, words, start, end, why}; `start` and `end` count
    code points of `text`, and are None where the reason is about the whole text.
    `resembles_id` is the first of its group of near-duplicates; the first itself has none.
    """

    __tablename__ = "testimonials"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'published', 'hidden')", name="testimonial_state_is_known"),
        CheckConstraint("state = 'published' OR NOT is_featured", name="only_published_testimonials_are_featured"),
        CheckConstraint(
            "state != 'published' OR withdrawn_at IS NULL", name="withdrawn_testimonials_are_not_shown"
        ),
        CheckConstraint("(consent_at IS NULL) = (consent_how IS NULL)", name="consent_says_when_and_how"),
        CheckConstraint("(source IS NULL) = (source_id IS NULL)", name="source_says_which_item"),
        UniqueConstraint("slug", name="one_testimonial_per_slug"),
        UniqueConstraint("source", "source_id", name="one_testimonial_per_source_item"),
        partial_index("one_featured_testimonial", "is_featured", where="is_featured", unique=True),
        Index("ix_testimonials_state_published_at", "state", "published_at", "id"),
        Index("ix_testimonials_shown", "state", "is_sample", "position", "published_at", "id"),
        Index("ix_testimonials_state_id", "state", "id"),
        Index("ix_testimonials_resembles_id", "resembles_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)  # the day shown: when the words were first given
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    state: Mapped[str] = mapped_column(String(20))
    is_featured: Mapped[bool] = mapped_column(default=False)
    is_sample: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int | None]  # staff's order; those without one follow, newest first
    source: Mapped[str | None] = mapped_column(String(50))
    source_id: Mapped[str | None] = mapped_column(String(200))
    reasons: Mapped[list[dict]] = mapped_column(JSON, default=list)
    resembles_id: Mapped[int | None] = mapped_column(ForeignKey("testimonials.id", ondelete="SET NULL"))
    consent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    consent_how: Mapped[str | None] = mapped_column(String(200))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Of name and text, folded. SQLite indexes them by triggers (`testimonial_search`), PostgreSQL by an index.
    search_words: Mapped[str] = mapped_column(Text, server_default="")

    decisions: Mapped[list["Decision"]] = relationship(
        back_populates="testimonial", order_by="Decision.id", passive_deletes=True, cascade="all, delete-orphan"
    )


@event.listens_for(Testimonial, "before_insert")
@event.listens_for(Testimonial, "before_update")
def _fold(_mapper, _connection, testimonial: Testimonial) -> None:
    words = folding.words(f"{testimonial.name} {testimonial.text}")
    testimonial.search_words = word_index.fitting(word_index.distinct(words))


class Decision(db.Model):
    """One entry of a testimonial's history: who did what when, and which reasons a person waved through."""

    __tablename__ = "testimonial_decisions"
    __table_args__ = (Index("ix_testimonial_decisions_testimonial_id", "testimonial_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    testimonial_id: Mapped[int] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    decided_by: Mapped[str] = mapped_column(String(200))
    from_state: Mapped[str | None] = mapped_column(String(20))  # None: this is how it arrived
    to_state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    waved_through: Mapped[list[dict]] = mapped_column(JSON, default=list)

    testimonial: Mapped[Testimonial] = relationship(back_populates="decisions")
