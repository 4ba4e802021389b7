"""Posts as staff see them: all of them, by state. Each list takes a fixed number of queries."""

from sqlalchemy import ColumnElement, Select, select, true

from .. import clock
from ..extensions import db
from ..lists.counting import WORTH_TELLING, counted
from .models import Author, Post, Tag, post_tags
from .posts import card

COUNTED = WORTH_TELLING
STATES = ("published", "scheduled", "draft")


def listed(*, state: str = "") -> Select:
    """The posts of a state (default: all), as cards; order them by `order`."""
    query = select(Post).options(*card())
    return query.where(_is(state)) if state else query


def order(state: str = "") -> tuple:
    """Published posts newest first, scheduled ones as they come, others by when they were saved."""
    if state == "published":
        return Post.published_at.desc(), Post.id.desc()
    return (Post.published_at, Post.id) if state == "scheduled" else (Post.saved_at.desc(), Post.id.desc())


def counts() -> dict[str, int]:
    """How many posts there are of each state, and by "" of all, up to COUNTED. One query."""
    conditions = (true(), *(_is(state) for state in STATES))
    parts = (counted(select(Post).where(condition), Post.id, up_to=COUNTED) for condition in conditions)
    row = db.session.execute(select(*parts)).one()
    return dict(zip(("", *STATES), row, strict=True))


def author_names() -> list[str]:
    """Whom posts are by, by name."""
    has_posts = select(Post.id).where(Post.author_id == Author.id).exists()
    return list(db.session.scalars(select(Author.name).where(has_posts).order_by(Author.name)))


def topic_names() -> list[str]:
    """The topics that posts have, by name."""
    has_posts = select(post_tags.c.post_id).where(post_tags.c.tag_id == Tag.id).exists()
    return list(db.session.scalars(select(Tag.name).where(has_posts).order_by(Tag.name)))


def _is(state: str) -> ColumnElement[bool]:
    public = Post.draft.is_(False)
    return {
        "draft": Post.draft.is_(True),
        "scheduled": public & (Post.published_at > clock.now()),
        "published": public & (Post.published_at <= clock.now()),
    }[state]
