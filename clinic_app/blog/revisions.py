"""What a post was like each time it was saved."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import defer

from ..extensions import db
from ..lists import keyset
from .content import Content, Person
from .models import Post, PostRevision

BEFORE = "As it was before revisions were kept"
_COLUMNS = ("slug", "title", "summary", "body", "author", "tags", "hero", "hero_alt", "draft", "published_at")


class Writer(NamedTuple):
    """Who saves: a member of staff by number and name, or an import by its name alone."""

    name: str
    member_id: int | None = None


def keep(
    post: Post, *, by: Writer, note: str = "", waved_through: Iterable[dict] = (), number: int = 0
) -> PostRevision:
    """Store the post as it is now, as revision `number` (default: the next). Flushes."""
    revision = PostRevision(
        post_id=post.id,
        number=number or latest_number(post.id) + 1,
        member_id=by.member_id,
        by=by.name,
        note=note,
        waved_through=list(waved_through),
        **_values(content_of(post)),
    )
    db.session.add(revision)
    db.session.flush()
    return revision


def content_of(post: Post) -> Content:
    """The post as it is written now."""
    return Content(
        slug=post.slug,
        title=post.title,
        body=post.body_markdown,
        author=Person(post.author.name),
        summary=post.summary,
        tags=tuple(tag.name for tag in post.tags),
        hero=post.hero,
        hero_alt=post.hero_alt,
        draft=post.draft,
        published_at=post.published_at,
        updated_at=post.updated_at,
    )


def same(revision: PostRevision | None, post: Post) -> bool:
    """Whether the post is as that revision of it."""
    values = _values(content_of(post))
    return revision is not None and all(getattr(revision, name) == values[name] for name in _COLUMNS)


def _values(content: Content) -> dict:
    values = {name: getattr(content, name) for name in _COLUMNS if name not in ("author", "tags")}
    return values | {"author": content.author.name, "tags": list(content.tags)}


def latest_number(post_id: int) -> int:
    """The newest revision's number; 0 for a post that has none."""
    return db.session.scalar(select(func.max(PostRevision.number)).filter_by(post_id=post_id)) or 0


def latest(post_id: int) -> PostRevision | None:
    """The newest revision of a post."""
    query = select(PostRevision).filter_by(post_id=post_id).order_by(PostRevision.number.desc()).limit(1)
    return db.session.scalar(query)


def get(post_id: int, revision_id: int) -> PostRevision | None:
    """A revision, if it is one of this post."""
    if max(post_id, revision_id) > keyset.LARGEST_NUMBER:
        return None
    return db.session.scalar(select(PostRevision).filter_by(post_id=post_id, id=revision_id))


def before(revision: PostRevision) -> PostRevision | None:
    """The revision before this one."""
    return db.session.scalar(select(PostRevision).filter_by(post_id=revision.post_id, number=revision.number - 1))


def waved_through(post_id: int) -> set[str]:
    """The keys of all advice that was waved through for a post so far."""
    rows = db.session.scalars(select(PostRevision.waved_through).filter_by(post_id=post_id))
    return {advice["key"] for row in rows for advice in row}


def listed(post_id: int) -> Select:
    """A post's revisions without their texts; order them by number."""
    query = select(PostRevision).filter_by(post_id=post_id)
    return query.options(defer(PostRevision.body), defer(PostRevision.summary))
