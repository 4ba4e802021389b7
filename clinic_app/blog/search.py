"""Full-text search that finds the same posts, in the same order, on SQLite (FTS5) and PostgreSQL (tsvector).

The two databases' own tokenisers and stemmers differ, so neither is used: Python breaks texts into folded words
(blog.words), the databases only look words up. A post is found when each word of the query begins one of its
words; posts with every word in the title come first, then the newest.
"""

from dataclasses import dataclass
from datetime import datetime

from flask_sqlalchemy.pagination import Pagination
from markupsafe import Markup, escape
from sqlalchemy import ColumnElement, cast, column, exists, false, func, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import contains_eager

from .. import database, keyset
from ..extensions import db
from . import posts
from .models import Post, PostWords
from .words import excerpt, query_words

_index = table("post_search", column("rowid"), column("post_search"))  # SQLite's


@dataclass(frozen=True)
class Hit:
    """A post that was found, as a card shows it: `description` is an excerpt with the words marked."""

    post: Post
    description: Markup

    @property
    def slug(self) -> str:
        return self.post.slug

    @property
    def title(self) -> str:
        return self.post.title

    @property
    def hero_url(self) -> str | None:
        return self.post.hero_url

    @property
    def published_at(self) -> datetime:
        return self.post.published_at

    @property
    def reading_minutes(self) -> int:
        return self.post.reading_minutes


def search(text: str, *, page: int = 1, per_page: int = 10) -> Pagination:
    """A page of Hits among the public posts for any text at all; none for a text without letters or digits."""
    words = query_words(text)
    found = select(Post).join(Post.words).options(*posts.CARD, contains_eager(Post.words))
    if words:
        found = found.where(posts.is_public(), begins("words", words))
        found = found.order_by(begins("title", words).desc(), *posts.NEWEST)
    else:
        found = found.where(Post.id.is_(None))
    result = db.paginate(found, page=page, per_page=per_page, error_out=False)
    result.items = [
        Hit(post, excerpt(post.words.plain, words) or escape(post.description)) for post in result.items
    ]
    return result


def words(text: str) -> keyset.Words | None:
    """The words of a query for a list that is read by key; None for a text that is empty."""
    if not text.strip():
        return None
    asked = query_words(text)
    sights = [keyset.begins_a_word(PostWords.words, word) for word in asked] or [false()]
    of_words = select(PostWords.post_id).where(begins("words", asked)) if asked else []
    return keyset.Words(
        by_index=Post.id.in_(of_words),
        at_sight=lambda key: exists().where(PostWords.post_id == key, *sights),
        looked_at=400,  # their words are many
    )


def begins(where: str, words: list[str]) -> ColumnElement[bool]:
    """SQL: each of the words begins a word of the column. They are letters and digits only: quotes hold them."""
    if database.is_sqlite():
        query = f"{where} : (" + " AND ".join(f'"{word}"*' for word in words) + ")"
        return PostWords.post_id.in_(select(_index.c.rowid).where(_index.c.post_search.op("MATCH")(query)))
    query = " & ".join(f"'{word}':*" for word in words)
    vector = func.array_to_tsvector(func.string_to_array(getattr(PostWords, where), " "))
    return vector.op("@@")(cast(query, TSQUERY))
