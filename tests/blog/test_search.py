"""Search finds the same on both databases: what the plain Python below finds."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

from clinic_app import clock
from clinic_app.blog import posts
from clinic_app.blog import search as blog_search
from clinic_app.blog.models import Post
from clinic_app.blog.search import search
from clinic_app.blog.words import index_words, query_words
from clinic_app.extensions import db

from .make import ROBIN, composed, post

WORDS = [
    "back",
    "Backs",
    "backpack",
    "run",
    "running",
    "runner’s",
    "café",
    "CAFE",
    "naïve",
    "10",
    "10th",
    "ß",
    "ss",
    "日本",
    "и",
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join)
QUERIES = st.one_of(
    TEXTS,
    st.lists(st.sampled_from([w[:2] for w in WORDS] + ["*", '"', "-", "AND", "'"]), max_size=3).map(" ".join),
)


def expected(written: list[dict], query: str) -> list[str]:
    """The slugs that search should find, best first: the rule, in plain Python."""
    asked = query_words(query)

    def begins(text):
        return all(any(word.startswith(part) for word in index_words(text).split()) for part in asked)

    found = [w for w in written if asked and begins(f"{w['title']} {w['body']} {ROBIN.name}")]
    found.sort(key=lambda w: (begins(w["title"]), w["published_at"]), reverse=True)
    return [w["slug"] for w in found]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(TEXTS.filter(bool), TEXTS), min_size=1, max_size=6),
    st.lists(QUERIES, min_size=1, max_size=4),
)
def test_any_plain_words_find_what_the_rule_says_in_its_order(app, drafts, queries):
    written = [
        {"slug": f"p{n}", "title": title, "body": body, "published_at": clock.now() - timedelta(hours=n + 1)}
        for n, (title, body) in enumerate(drafts)
    ]
    for each in written:
        posts.save(composed(**each))
    try:
        for query in queries:
            assert [hit.post.slug for hit in search(query).items] == expected(written, query), query
    finally:
        db.session.rollback()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_at_all_may_be_typed(app, typed):
    assert search(typed).total == 0


@pytest.mark.parametrize(
    "typed",
    [
        '"',
        "'",
        "back AND",
        "NEAR(",
        "*",
        "title:back^2",
        "a OR b)",
        "\0",
        "🙂",
        "%",
        "\\",
        "((((",
        "!&|<->",
        ":*",
        "x" * 10_000,
    ],
)
def test_what_means_something_to_a_database_is_only_text(app, typed):
    post("back-words", body="back")
    assert search(typed).total in (0, 1)
    assert search("back *").total == 1


def test_ten_thousand_letters_and_words_are_answered(app):
    post("back-words", body="back " + " ".join(f"word{n}" for n in range(100)))
    assert search(" ".join(f"word{n}" for n in itertools.islice(itertools.cycle(range(100)), 5000))).total == 1


def test_a_word_in_the_title_goes_before_newer_posts_that_have_it_in_the_body(app):
    post("about-knees", published_at=clock.now() - timedelta(days=9))
    post("newer", body="knees")
    assert [hit.post.slug for hit in search("knee").items] == ["about-knees", "newer"]


def test_the_author_and_topics_are_found_too(app):
    post("one", tags=("Recovery",))
    assert search("recovery robin").total == 1


def test_drafts_and_posts_still_to_come_are_not_found(app):
    post("draft", draft=True, body="knees")
    post("later", published_at=clock.now() + timedelta(hours=1), body="knees")
    assert search("knees").total == 0


def test_a_changed_post_is_found_by_its_new_words_only(app):
    changed = post("one", body="knees")
    posts.save(composed("one", body="elbows"), post=changed)
    assert (search("knees").total, search("elbows").total) == (0, 1)


def test_a_post_deleted_by_plain_sql_is_not_found_and_its_words_are_gone(app):
    post("one", body="knees")
    db.session.execute(delete(Post))
    post("two", body="elbows")
    assert (search("knees").total, search("elbows").total) == (0, 1)
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("INSERT INTO post_search (post_search, rank) VALUES ('integrity-check', 1)"))


def test_what_has_the_words_in_its_title_goes_on_over_the_pages(app):
    for n in range(15):
        at = clock.now() - timedelta(hours=n + 1)
        post(f"p{n}", title="Knees" if n % 5 else "Other", body="knees", published_at=at)
    expected = [f"p{n}" for n in range(15) if n % 5] + ["p0", "p5", "p10"]
    assert [hit.post.slug for number in (1, 2) for hit in search("knee", page=number).items] == expected
    assert [hit.post.slug for hit in search("knee", page=4, per_page=4).items] == expected[12:]
    assert search("knee", page=3).items == []


@pytest.mark.parametrize(
    ("looked_at", "common", "counted", "told"),
    [
        (7, 6, 99, "8 9 0 2 3 4 5 6"),
        (7, 7, 99, "8 9 0 2 3 4 5 6 7"),
        (99, 1, 99, "8 9 0 2 3 4 5 6 7"),
        (7, 7, 4, "8 9 0 2 3 4"),
        (7, 7, 1, "8 0"),
    ],
)
def test_older_posts_are_looked_through_unless_the_words_are_common(
    app, monkeypatch, looked_at, common, counted, told
):
    """Of ten posts, the oldest two have the words in their title, and the second has them nowhere."""
    for name, value in (("LOOKED_AT", looked_at), ("COMMON", common), ("COUNTED", counted)):
        monkeypatch.setattr(blog_search, name, value)
    for n in range(10):
        title, body = "Knees" if n > 7 else "Other", "elbows" if n in (1, 9) else "knees"
        post(f"{n}", title=title, body=body, published_at=clock.now() - timedelta(hours=n + 1))
    found = [search("knee", page=number, per_page=4) for number in (1, 2, 3)]
    assert " ".join(hit.post.slug for page in found for hit in page.items) == told
    assert {(page.total, page.is_all) for page in found} == {(len(told.split()), len(told.split()) == 9)}


def test_results_are_paged(app):
    for n in range(12):
        post(f"p{n}", body="knees")
    page = search("knees", page=2)
    assert (len(page.items), page.total, page.pages, page.prev_num) == (2, 12, 2, 1)


def test_a_result_shows_the_words_marked(app):
    post("one", body="Mind your <knees> & ankles.")
    assert search("knee").items[0].excerpt == "Mind your &lt;<mark>knees</mark>&gt; &amp; ankles."
