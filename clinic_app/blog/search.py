"""Full-text search that finds the same posts, in the same order, on SQLite (FTS5) and PostgreSQL (tsvector).

A post is found when each word of the query begins one of its words; posts with every word in the title come first,
then the newest.
"""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, and_, false, func, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from ..extensions import db
from ..lists import keyset, numbered
from ..lists.counting import WORTH_TELLING, counted
from ..text import word_index
from . import posts
from .models import Post, PostWords
from .words import excerpt, query_words

COUNTED = WORTH_TELLING
LOOKED_AT = 200  # of the newest posts, whose words are many
COMMON = 30  # of those have a word that is not looked up in older ones: PostgreSQL would read all of them


class Hit(NamedTuple):
    """A post that was found, and an excerpt with the words marked; None where only its title has them."""

    post: Post
    excerpt: Markup | None


class Found(numbered.Numbered):
    """A page of Hits. `is_all` is false where pages end before what was found does."""

    is_all = True


def search(text: str, *, page: int = 1, per_page: int = 10) -> Found:
    """A page of what is found among public posts for any text at all; nothing for one without letters or digits.

    At most COUNTED posts with the words in their title come first. Of words that are common, the others are those
    among the newest LOOKED_AT posts; else all, and at most COUNTED again. Five or six queries.
    """
    asked = query_words(text)
    titled = select(Post.id).where(posts.is_public(), begins(PostWords.title, asked))
    first = db.session.scalar(select(counted(titled, Post.id, up_to=COUNTED)))
    others, is_all = _others(asked) if asked else ([], True)

    def hits(offset: int, limit: int) -> list[Hit]:
        top = titled.order_by(*posts.NEWEST).offset(offset).limit(max(0, min(limit, first - offset)))
        ids, behind = list(db.session.scalars(top)), max(0, offset - first)
        ids += others[behind : behind + limit - len(ids)]
        return [Hit(post, excerpt(post.words.plain, asked)) for post in _cards(ids)]

    found = Found(rows=hits, total=first + len(others), page=page, per_page=per_page)
    found.is_all = is_all and first < COUNTED
    return found


def _others(asked: list[str]) -> tuple[list[int], bool]:
    """(numbers of the posts that have the words, but not in their title, newest first; whether these are all)."""
    newest = select(Post.id, Post.published_at).where(posts.is_public()).order_by(*posts.NEWEST)
    near = newest.limit(LOOKED_AT).subquery()
    in_title = and_(*(keyset.begins_a_word(PostWords.title, word) for word in asked))
    sights = [keyset.begins_a_word(PostWords.words, word) for word in asked]
    seen = select(PostWords.post_id).where(PostWords.post_id == near.c.id, *sights, ~in_title)
    query = select(near.c.id).where(keyset.holds(seen))
    found = db.session.scalars(query.order_by(near.c.published_at.desc(), near.c.id.desc())).all()
    if db.session.scalar(select(func.count()).select_from(near)) < LOOKED_AT:
        return found, True
    if len(found) >= COMMON:
        return found, False
    # OFFSET keeps PostgreSQL from breaking up the words of each post in turn.
    met = _having(asked, PostWords.words).offset(0).subquery()
    older = newest.join(met, met.c.key == Post.id).where(~begins(PostWords.title, asked))
    found = db.session.scalars(older.with_only_columns(Post.id).limit(COUNTED)).all()
    return found, len(found) < COUNTED


def _cards(ids: Sequence[int]) -> list[Post]:
    """These as hits show them, in this order. One query."""
    plain = joinedload(Post.words).load_only(PostWords.plain)
    found = db.session.scalars(select(Post).options(*posts.card(), plain).where(Post.id.in_(ids)))
    return sorted(found, key=lambda post: ids.index(post.id))


def words(text: str) -> keyset.Words | None:
    """The words of a query for a list that is read by key; None for a text that is empty."""
    if not text.strip():
        return None
    asked = query_words(text)
    sights = [keyset.begins_a_word(PostWords.words, word) for word in asked] or [false()]
    return keyset.Words(
        rows=select(Post).options(*posts.card()),
        by_index=_having(asked, PostWords.words),
        at_sight=lambda key: select(PostWords.post_id).where(PostWords.post_id == key, *sights),
        looked_at=LOOKED_AT,
    )


def begins(where: InstrumentedAttribute, words: list[str]) -> ColumnElement[bool]:
    """SQL: each of the words begins a word of the column."""
    return Post.id.in_(_having(words, where))


def _having(words: list[str], where: InstrumentedAttribute) -> Select:
    terms = [[[word]] for word in words]
    return word_index.rows_with(terms, words=where, key=PostWords.post_id, sqlite="post_search")
