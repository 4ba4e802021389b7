"""Posts with their words, topics and revisions; testimonials with their decisions."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from clinic_app.blog.words import index_words
from clinic_app.text import folding, word_index

from . import invented_words as invented
from .past import Past

TOPICS = 24
DRAFTS, SCHEDULED, WAITING, HIDDEN, HIDDEN_EVERY = 12, 6, 15, 30, 25
POSTS = (
    *("id", "uid", "slug", "title", "summary", "opening", "body_markdown", "rendered", "sections", "videos"),
    *("reading_minutes", "author_id", "hero", "hero_alt", "draft", "published_at", "created_at", "saved_at"),
)
REVISIONS = (
    *("post_id", "number", "saved_at", "by", "note", "slug", "title", "summary", "body", "author", "tags", "hero"),
    *("hero_alt", "draft", "published_at", "waved_through"),
)
TESTIMONIALS = (
    *(
        "id",
        "slug",
        "name",
        "text",
        "published_at",
        "received_at",
        "state",
        "is_featured",
        "is_sample",
        "position",
    ),
    *("reasons", "search_words"),
)
DECISIONS = ("testimonial_id", "decided_at", "decided_by", "to_state", "note", "waved_through")


def content_tables(past: Past) -> Iterator:
    first_tag = past.first("tags")
    topics = [(first_tag + n, f"topic-{n}", f"Topic {n}") for n in range(TOPICS)]
    yield "tags", ("id", "slug", "name"), topics
    yield "posts", POSTS, _posts(past)
    yield "post_words", ("post_id", "title", "words", "plain"), _words(past)
    yield "post_tags", ("post_id", "tag_id"), _post_tags(past, first_tag)
    yield "post_revisions", REVISIONS, _revisions(past)
    redirects = ("slug", "post_id", "made_at")
    yield "post_redirects", redirects, ((f"was-{n}", n, past.now) for n in past.numbers("posts", "posts")[::10])
    yield "testimonials", TESTIMONIALS, _testimonials(past)
    yield "testimonial_decisions", DECISIONS, _decisions(past)


def _posts(past: Past) -> Iterator[tuple]:
    """Published ones over the years; then drafts, and some that are still to come."""
    random, numbers = past.random("posts"), past.numbers("posts", "posts")
    for number in range(numbers.start, numbers.stop + DRAFTS + SCHEDULED):
        place = number - numbers.stop
        out_at = past.now + (
            -past.age(number - numbers.start, len(numbers)) if place < 0 else timedelta(days=10 * (place + 1))
        )
        title = invented.words(random, 6).capitalize()
        paragraphs = [invented.words(random, 60).capitalize() + "." for _ in range(12)]
        yield _post(number, title, paragraphs, out_at, min(out_at, past.now), draft=0 <= place < DRAFTS)


def _post(
    number: int, title: str, paragraphs: list[str], out_at: datetime, made_at: datetime, draft: bool
) -> tuple:
    body = "\n\n".join(paragraphs)
    rendered = "".join(f"<p>{each}</p>\n" for each in paragraphs)
    opening = paragraphs[0][:150]
    return (
        *(number, f"{number:036}", f"post-{number}", title, opening, opening, body, rendered, [], [], 4),
        *(1 + number % 2, "", "", draft, out_at, made_at, made_at),
    )


def _words(past: Past) -> Iterator[tuple]:
    for row in _posts(past):
        post = dict(zip(POSTS, row, strict=True))
        yield (
            post["id"],
            index_words(post["title"]),
            index_words(post["title"], post["body_markdown"]),
            post["body_markdown"],
        )


def _post_tags(past: Past, first_tag: int) -> Iterator[tuple]:
    for number in past.numbers("posts", "posts"):
        for tag in {number % TOPICS, number // 7 % TOPICS}:
            yield number, first_tag + tag


def _revisions(past: Past) -> Iterator[tuple]:
    """Two of each second post."""
    for row in _posts(past):
        post = dict(zip(POSTS, row, strict=True))
        for number in (1, 2) if post["id"] % 2 else ():
            yield (
                *(post["id"], number, post["saved_at"], "Casey Invented", "", post["slug"], post["title"], ""),
                *(post["body_markdown"], "Robin Sample", [], "", "", post["draft"], post["published_at"], []),
            )


def _testimonials(past: Past) -> Iterator[tuple]:
    random, first = past.random("testimonials"), past.first("testimonials")
    for number, given_at, state in _voices(past):
        name, text = invented.name(number % 96), invented.words(random, 25).capitalize() + "."
        folded = " ".join(word_index.distinct(folding.words(f"{name} {text}")))
        placed = number - first if number < first + 5 and state == "published" else None
        yield number, f"voice-{number}", name, text, given_at, given_at, state, False, False, placed, [], folded


def _decisions(past: Past) -> Iterator[tuple]:
    for number, at, state in _voices(past):
        if state != "waiting":
            yield number, at, "Casey Invented", state, "", []


def _voices(past: Past) -> Iterator[tuple[int, datetime, str]]:
    """(number, when it was given, state): those of the past, those that wait, and some that were hidden lately."""
    numbers = past.numbers("testimonials", "testimonials")
    for number in numbers:
        given_at = past.now - past.age(number - numbers.start, len(numbers))
        yield number, given_at, "published" if number % HIDDEN_EVERY else "hidden"
    for number, state in enumerate(["waiting"] * WAITING + ["hidden"] * HIDDEN, numbers.stop):
        yield number, past.now - timedelta(hours=number % 99), state
