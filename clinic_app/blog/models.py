"""Tables of blog: posts, their authors and tags, and the words that search looks in."""

import uuid
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup
from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .. import clock
from ..extensions import Base, db
from ..pictures import media
from ..types import UTCDateTime


class Section(NamedTuple):
    """A heading of a post's body."""

    id: str
    title: str
    level: int


class Author(db.Model):
    """Who a post is by. `photo` is a name in `instance/media/`."""

    __tablename__ = "authors"
    __table_args__ = (UniqueConstraint("name", name="authors_have_their_own_names"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(200), default="")
    photo: Mapped[str] = mapped_column(String(200), default="")
    photo_alt: Mapped[str] = mapped_column(Text, default="")
    bio: Mapped[str] = mapped_column(Text, default="")

    @property
    def photo_url(self) -> str | None:
        return media.url(self.photo)


post_tags = Table(
    "post_tags",
    Base.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_post_tags_tag_id", "tag_id"),
)


class Tag(db.Model):
    """A topic. Two names that make the same slug are the same topic."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("slug", name="tags_have_their_own_slugs"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(100))


class Post(db.Model):
    """A post. Visitors see it when it is no draft and its `published_at` has come.

    `uid` is its identity in the feed for ever, whatever becomes of its slug. `source` and `source_id` say which
    import it came by, `source_digest` what it was like then: a post that differs was changed here since.
    """

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("slug", name="posts_have_their_own_slugs"),
        UniqueConstraint("uid", name="posts_have_their_own_uids"),
        UniqueConstraint("source", "source_id", name="one_post_for_each_item_imported"),
        CheckConstraint("draft OR published_at IS NOT NULL", name="published_posts_have_a_date"),
        Index("ix_posts_draft_published_at", "draft", "published_at", "id"),
        Index("ix_posts_saved_at", "saved_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()))
    slug: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    opening: Mapped[str] = mapped_column(Text, default="")
    body_markdown: Mapped[str] = mapped_column(Text)
    rendered: Mapped[str] = mapped_column(Text)
    sections: Mapped[list[dict]] = mapped_column(JSON)
    videos: Mapped[list[dict]] = mapped_column(JSON)
    reading_minutes: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"), index=True)
    hero: Mapped[str] = mapped_column(String(200), default="")
    hero_alt: Mapped[str] = mapped_column(Text, default="")
    draft: Mapped[bool]
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    source: Mapped[str | None] = mapped_column(String(20))
    source_id: Mapped[str | None] = mapped_column(String(200))
    source_digest: Mapped[str | None] = mapped_column(String(64))

    author: Mapped[Author] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=post_tags, order_by=Tag.slug)
    words: Mapped["PostWords"] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @property
    def state(self) -> str:
        """`draft`, `scheduled` or `published`."""
        if self.draft:
            return "draft"
        return "scheduled" if self.published_at > clock.now() else "published"

    @property
    def body_html(self) -> Markup:
        """The body, sanitised when it was saved."""
        return Markup(self.rendered)  # noqa: S704 - markup.render is the only writer

    @property
    def contents(self) -> list[Section]:
        return [Section(**section) for section in self.sections]

    @property
    def description(self) -> str:
        """What search engines and feeds say of it: its summary, or how it begins."""
        return self.summary or self.opening

    @property
    def hero_url(self) -> str | None:
        return media.url(self.hero)

    @property
    def is_updated(self) -> bool:
        """Whether it was changed on a later day than it came out."""
        return (
            self.updated_at is not None
            and clock.local(self.changed_at).date() > clock.local(self.published_at).date()
        )

    @property
    def changed_at(self) -> datetime:
        """When what visitors see last changed: it came out, or was updated after that."""
        return max(self.published_at, self.updated_at or self.published_at)


class PostWords(db.Model):
    """The words of a post as search knows them (and its `plain` text, for excerpts).

    A table of its own, so that later changes of `posts` leave the index alone.

    The databases index this table by themselves (SQLite by triggers into `post_search`, PostgreSQL by indexes on
    expressions): whatever is written here, by plain SQL too, is found at once, and never when it is gone.
    """

    __tablename__ = "post_words"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    plain: Mapped[str] = mapped_column(Text)


class PostRevision(db.Model):
    """A post as it was saved: its `number` counts from 1. `by` is who saved it, as they were called then.

    `waved_through` is the advice (checks.Advice) in spite of which it went out.
    """

    __tablename__ = "post_revisions"
    __table_args__ = (UniqueConstraint("post_id", "number", name="revisions_of_a_post_have_their_own_numbers"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    number: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    member_id: Mapped[int | None]
    by: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(String(200), default="")
    slug: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(200))
    tags: Mapped[list[str]] = mapped_column(JSON)
    hero: Mapped[str] = mapped_column(String(200))
    hero_alt: Mapped[str] = mapped_column(Text)
    draft: Mapped[bool]
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    waved_through: Mapped[list[dict]] = mapped_column(JSON, default=list)

    post: Mapped[Post] = relationship()


class PostRedirect(db.Model):
    """An address that a post had before: it leads to where the post is now."""

    __tablename__ = "post_redirects"

    slug: Mapped[str] = mapped_column(String(200), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
