"""Posts: saving them, and the queries by which visitors see them. All lists take a fixed number of queries."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import defer, joinedload, selectinload

from .. import clock, content_version, database
from ..extensions import db
from ..lists import numbered
from . import redirects
from .content import Composed, Person
from .models import Author, Post, PostRedirect, PostWords, Tag, post_tags

SITEMAP_SIZE = 300  # posts of a page
PAGE_SIZE = 13  # of a list: one that stands out, and rows of two or three
RELATED = 200  # the newest posts, among which a page looks for some that share its topics
NEWEST = (Post.published_at.desc(), Post.id.desc())


class SlugTaken(Exception):
    """Another post has this slug."""


class SitemapEntry(NamedTuple):
    """A post's slug and the instant (UTC) at which what visitors see last changed."""

    slug: str
    changed_at: datetime


@cache
def card() -> tuple:
    """Options of a query for what a card in a list shows: all but the body. Not made at the start: SQLAlchemy sets
    up every model for them."""
    body = (Post.body_markdown, Post.rendered, Post.sections, Post.videos)
    return joinedload(Post.author), *map(defer, body)


def new() -> Post:
    """A post yet to be saved."""
    return Post(words=PostWords())


def save(composed: Composed, *, post: Post | None = None) -> Post:
    """Store a new post, or `post` as it is now. Flushes; raises SlugTaken, after which the transaction is lost."""
    content = composed.content
    post = post or new()
    was_out = post.published_at is not None and post.published_at <= clock.now()
    known_as = post.slug if was_out else None  # before that, nobody can have known its address
    author, tags = _save_author(content.author), _tags(content.tags_by_slug)  # each a flush: before the post's own
    with db.session.no_autoflush:  # when its words are read: a slug that is taken is to be told of below
        _fill(post, composed)
        post.author, post.tags = author, tags
    db.session.add(post)
    try:
        db.session.flush()
    except IntegrityError as error:
        if database.broken_rule(error) == "posts_have_their_own_slugs":
            raise SlugTaken(content.slug) from error
        raise
    redirects.note(post, old=known_as)
    return post


def _fill(post: Post, composed: Composed) -> None:
    content, rendered = composed.content, composed.rendered
    for name in ("slug", "title", "summary", "hero_alt", "draft", "published_at", "updated_at"):
        setattr(post, name, getattr(content, name))
    if content.hero is not None or post.hero is None:
        post.hero = content.hero or ""
    post.body_markdown, post.rendered, post.opening = content.body, rendered.html, composed.opening
    post.sections, post.videos, post.reading_minutes = rendered.sections, rendered.videos, rendered.reading_minutes
    post.words.title, post.words.words = composed.title_words, composed.words
    post.words.plain = " ".join(rendered.text.split())
    post.saved_at = clock.now()


def _save_author(person: Person) -> Author:
    """The author of this name, with what is newly known of them."""
    (author,) = _kept(Author, Author.name, {person.name: person._asdict()})
    for name, value in person._asdict().items():
        if value:
            setattr(author, name, value)
    return author


def _tags(names: dict[str, str]) -> list[Tag]:
    return _kept(Tag, Tag.slug, {slug: {"slug": slug, "name": name} for slug, name in sorted(names.items())})


def _kept(model, key, wanted: dict[str, dict]) -> list:
    """The rows with these keys, in their order; a row that nobody has stored yet is made of the columns given."""
    known = _known(model, key, wanted)
    rows = {value: known.get(value) or _stored(model, key, columns) for value, columns in wanted.items()}
    _met(model).update(rows)
    return list(rows.values())


def _stored(model, key, columns: dict):
    row = model(**columns)
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:  # someone else stored it at this very moment
        return db.session.scalars(select(model).where(key == columns[key.key])).one()
    return row


def _known(model, key, values) -> dict:
    """The rows whose key is one of the values, by it; those that this session has met are not asked for again."""
    met = {value: row for value in values if (row := _met(model).get(value)) is not None and row in db.session}
    met = {value: row for value, row in met.items() if getattr(row, key.key) == value}  # it may have been renamed
    if unmet := [value for value in values if value not in met]:
        met |= {getattr(row, key.key): row for row in db.session.scalars(select(model).where(key.in_(unmet)))}
    return met


def _met(model) -> dict:
    """Rows that this session has met: an import meets few authors and topics, in thousands of posts."""
    return db.session.info.setdefault(model, {})


def _askable(slug: str) -> str:
    """A slug from an address, without the character that PostgreSQL cannot be asked for."""
    return slug.replace("\0", "\ufffd")


def is_public() -> ColumnElement[bool]:
    """SQL: visitors may see the post now."""
    return Post.draft.is_(False) & (Post.published_at <= clock.now())


def listed(*, page: int = 1, tag: Tag | None = None) -> Pagination:
    """A page of the public posts, newest first; of a topic's only, if `tag` is given."""
    keys = select(Post.id).where(is_public())
    if tag:
        keys = keys.where(Post.id.in_(select(post_tags.c.post_id).where(post_tags.c.tag_id == tag.id)))
    cards = select(Post).options(*card())
    return numbered.page(keys, order=NEWEST, rows=cards, page=page, per_page=PAGE_SIZE)


def get(slug: str) -> Post | None:
    """The public post of this slug, with all that its page shows."""
    query = select(Post).where(is_public(), Post.slug == _askable(slug))
    return db.session.scalar(query.options(joinedload(Post.author), selectinload(Post.tags)))


def is_there(slug: str) -> bool:
    """Whether visitors may see a post of this slug."""
    return db.session.scalar(select(Post.id).where(is_public(), Post.slug == _askable(slug))) is not None


def exists(slug: str) -> bool:
    """Whether there is a post of this slug, though visitors may not see it."""
    return db.session.scalar(select(Post.id).where(Post.slug == _askable(slug))) is not None


def moved_to(slug: str) -> str | None:
    """The slug of the public post that had this one before."""
    query = select(Post.slug).join(PostRedirect, PostRedirect.post_id == Post.id)
    return db.session.scalar(query.where(is_public(), PostRedirect.slug == _askable(slug)))


def old_slugs(post: Post) -> list[str]:
    """The addresses that lead to the post besides its own."""
    seen_there = select(Post.id).where(is_public(), Post.slug == PostRedirect.slug).exists()
    query = select(PostRedirect.slug).where(PostRedirect.post_id == post.id, ~seen_there)
    return list(db.session.scalars(query.order_by(PostRedirect.slug)))


def next_to_come(after: datetime) -> datetime | None:
    """The instant at which the next scheduled post comes out, in UTC; None when none is scheduled. One query."""
    return db.session.scalar(select(func.min(Post.published_at)).where(~Post.draft, Post.published_at > after))


def latest(count: int = 3) -> Sequence[Post]:
    """The newest public posts, as cards."""
    newest = select(Post).where(is_public()).order_by(*NEWEST).limit(count)
    return db.session.scalars(newest.options(*card())).all()


def feed_entries(count: int = 20) -> Sequence[Post]:
    """The newest public posts with body and tags."""
    query = select(Post).where(is_public()).order_by(*NEWEST).limit(count)
    return db.session.scalars(query.options(joinedload(Post.author), selectinload(Post.tags))).all()


def related(post: Post, count: int = 3) -> Sequence[Post]:
    """Other posts of the newest RELATED public ones: those that share most topics first, then the newest."""
    newest = select(Post.id, Post.published_at).where(is_public()).order_by(*NEWEST).limit(RELATED).subquery().c
    tags = post_tags.c.tag_id.in_([tag.id for tag in post.tags])
    shared = select(func.count()).where(post_tags.c.post_id == newest.id, tags).scalar_subquery().label("topics")
    others = select(newest.id, shared).where(newest.id != post.id)
    chosen = others.order_by(shared.desc(), newest.published_at.desc(), newest.id.desc()).limit(count).subquery()
    query = select(Post).join(chosen, chosen.c.id == Post.id).order_by(chosen.c.topics.desc(), *NEWEST)
    return db.session.scalars(query.options(*card())).all()


def get_tag(slug: str) -> Tag | None:
    """The topic of this slug."""
    return db.session.scalar(select(Tag).filter_by(slug=_askable(slug)))


def drafts() -> Select:
    """The query of the posts that were begun and not published, as cards."""
    return select(Post).where(Post.draft).options(*card())


def tags() -> Sequence[Tag]:
    """The topics that public posts have, by name."""
    public = select(Post.id).where(Post.id == post_tags.c.post_id, is_public())
    used = select(post_tags.c.post_id).where(post_tags.c.tag_id == Tag.id, public.exists())
    return db.session.scalars(select(Tag).where(used.exists()).order_by(Tag.name, Tag.id)).all()


def sitemap_pages() -> int:
    """How many pages of `sitemap_entries` there are. One query, and two more, which count the posts, for the first
    after a change or after a post has come out."""
    upcoming = next_to_come(clock.now())
    count = content_version.kept(
        ("public posts", upcoming), lambda: numbered.count(select(Post.id).where(is_public()))
    )
    return -(-count // SITEMAP_SIZE)


def sitemap_entries(page: int) -> list[SitemapEntry]:
    """The public posts of this page, oldest first, so that a new one changes the last page only. One query."""
    columns = select(Post.slug, Post.published_at, Post.updated_at).where(is_public())
    rows = columns.order_by(Post.published_at, Post.id).offset((page - 1) * SITEMAP_SIZE).limit(SITEMAP_SIZE)
    return [SitemapEntry(slug, max(at, changed or at)) for slug, at, changed in db.session.execute(rows)]
