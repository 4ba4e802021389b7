"""What a post is made of, checked, rendered and broken into words: all of saving that needs no database."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import NamedTuple

from ..text import folding, markup
from .words import index_words

RESERVED_SLUGS = {"search", "tag", "feed.atom"}  # addresses of the blog's own
MAX_BODY = 500_000  # characters
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,199}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")  # XML, and so the feed, may not hold them


class InvalidPost(Exception):
    """The post cannot be kept as it is; the text says why."""


class InvalidSlug(InvalidPost):
    """The post cannot have this address; `why` goes on after what the address is called: "is one of ours"."""

    def __init__(self, slug: str, why: str):
        super().__init__(f"slug {slug[:60]!r} {why}")
        self.why = why


class Person(NamedTuple):
    """An author. What is empty leaves what is known of them as it is; `photo` is a stored picture's name."""

    name: str
    role: str = ""
    photo: str = ""
    photo_alt: str = ""
    bio: str = ""


class Content(NamedTuple):
    """A post as it is written. `hero` is a stored picture's name, empty for none, None to keep the one it has."""

    slug: str
    title: str
    body: str
    author: Person
    summary: str = ""
    tags: tuple[str, ...] = ()
    hero: str | None = ""
    hero_alt: str = ""
    draft: bool = False
    published_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def tags_by_slug(self) -> dict[str, str]:
        return {tag_slug(name): name for name in reversed(self.tags)}

    def digest(self) -> str:
        """A fingerprint of all of it but what it says of the author besides the name."""
        dates = [at and at.astimezone(UTC).isoformat() for at in (self.published_at, self.updated_at)]
        texts = [self.slug, self.title, self.summary, self.body, self.author.name, self.hero or "", self.hero_alt]
        parts = [*texts, sorted(self.tags_by_slug), self.draft, *dates]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class Composed(NamedTuple):
    """Content that may be saved, and what was made of it."""

    content: Content
    rendered: markup.Rendered
    title_words: str
    words: str

    @property
    def opening(self) -> str:
        """How the body begins, up to 160 characters, to the end of a word."""
        text = " ".join(self.rendered.text[:400].split())
        return text if len(text) <= 160 else text[:160].rpartition(" ")[0].rstrip(",;:.") + "…"


def compose(content: Content) -> Composed:
    """Check and render. Raises InvalidPost."""
    cleaned = {name: _clean(getattr(content, name)) for name in ("slug", "summary", "body")}
    cleaned |= {name: _line(getattr(content, name)) for name in ("title", "hero_alt")}
    author = {name: _clean(value) for name, value in content.author._asdict().items()}
    author = Person(**author | {"name": _line(content.author.name)})
    content = content._replace(**cleaned, author=author, tags=tuple(filter(None, map(_line, content.tags))))
    for wrong, reason in _faults(content):
        if wrong:
            raise InvalidPost(reason)
    _check_slug(content.slug)
    rendered = markup.render(content.body)
    about = (content.title, content.summary, content.author.name, *content.tags)
    return Composed(content, rendered, index_words(content.title), index_words(*about, rendered.text))


def post_slug(title: str) -> str:
    """The name of a post in addresses; titles that have no Latin letter or digit get a number of their own."""
    return folding.slug(title)[:80].strip("-") or "post-" + _number(title)


def tag_slug(name: str) -> str:
    """The name of a topic in addresses; names that have no Latin letter or digit get a number of their own."""
    return folding.slug(name)[:100] or "topic-" + _number(name)


def _number(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _faults(content: Content):
    yield not content.title, "title is empty"
    yield len(content.title) > 300, "title is longer than 300 characters"
    yield not content.author.name, "author is empty"
    yield max(len(content.author.name), len(content.author.role)) > 200, "author is longer than 200 characters"
    yield len(content.body) > MAX_BODY, f"body is longer than {MAX_BODY:,} characters"
    yield any(len(tag) > 100 for tag in content.tags), "a tag is longer than 100 characters"
    yield not content.draft and content.published_at is None, "it is no draft, and has no published date"


def _check_slug(slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise InvalidSlug(slug, "should be letters a-z, digits and hyphens")
    if slug in RESERVED_SLUGS:
        raise InvalidSlug(slug, "is an address of the blog itself")


def _clean(text: str) -> str:
    """Without blanks around it and without what no browser, feed or database takes."""
    return _CONTROL.sub("", text.encode("utf-8", "replace").decode()).strip()


def _line(text: str) -> str:
    """The same on one line, as fields of the editor have it: else a save there changes what nobody has touched."""
    return " ".join(_clean(text).split())
