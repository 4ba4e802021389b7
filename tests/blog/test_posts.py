"""Posts: what may be saved, and who sees what."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.exc import IntegrityError

from clinic_app import clock, database
from clinic_app.blog import posts
from clinic_app.blog.content import InvalidPost, Person
from clinic_app.blog.models import Author, Post, Tag
from clinic_app.blog.search import search
from clinic_app.extensions import db
from tests.locks import ON_POSTGRESQL, begin
from tests.queries import noted, selects
from tests.server import DEADLINE_SECONDS

from .make import composed, post


def test_a_post_is_rendered_when_it_is_saved(app):
    saved = post("one", body="# Knees\n\nWords.", summary="", tags=("Running", "running", "Recovery"))
    assert saved.body_html == '<h2 id="section-knees">Knees</h2>\n<p>Words.</p>\n'
    assert [(s.id, s.title, s.level) for s in saved.contents] == [("section-knees", "Knees", 2)]
    assert [tag.slug for tag in posts.get("one").tags] == ["recovery", "running"]
    assert saved.description == "Knees. Words."


def test_two_posts_cannot_have_one_slug(app):
    post("one")
    with pytest.raises(posts.SlugTaken):
        post("one")


@pytest.mark.parametrize(
    "fields",
    [
        *({"title": " "}, {"slug": "Not a slug"}, {"slug": "search"}, {"slug": ""}, {"author": Person("")}),
        *({"published_at": None}, {"title": "x" * 301}, {"body": "x" * 500_001}),
    ],
)
def test_a_post_that_cannot_be_kept_is_refused_with_a_reason(app, fields):
    with pytest.raises(InvalidPost, match=r"\w+ "):
        composed(**{"slug": "one"} | fields)


def test_what_no_database_or_feed_takes_is_left_out_of_a_post(app):
    saved = post("one", title="A\0B\x0b\ud800", body="x\0y")
    assert (saved.title, saved.body_markdown) == ("AB?", "xy")


def test_a_published_post_has_a_date_whoever_writes_it(app):
    saved = post("one")
    saved.published_at = None
    with pytest.raises(IntegrityError, match="published_posts_have_a_date"):
        db.session.flush()


def test_an_author_is_kept_once_and_keeps_what_a_later_post_does_not_say(app):
    post("one", author=Person("Robin Sample", role="Chiropractor", bio="Runs."))
    post("two", author=Person("Robin Sample", role="Owner"))
    author = db.session.query(Author).one()
    assert (author.role, author.bio) == ("Owner", "Runs.")


@ON_POSTGRESQL
@pytest.mark.parametrize("shared", [{"author": Person("Kit Example")}, {"tags": ("Running", "Recovery")}])
def test_two_who_save_the_same_new_author_or_topic_at_the_same_moment_share_it(app, shared):
    def save_too() -> None:
        with database.transaction():
            post("two", **shared)

    with database.transaction():
        one = post("one", **shared)
        second = begin(app, save_too)
        assert second.is_alive()
    second.join(DEADLINE_SECONDS)
    two = posts.get("two")
    assert (two.author, two.tags) == (one.author, one.tags)


def test_visitors_see_no_draft_and_nothing_before_its_time(app):
    post("seen")
    post("draft", draft=True, tags=("Hidden",))
    post("later", published_at=clock.now() + timedelta(minutes=5))
    assert [p.slug for p in posts.listed().items] == ["seen"] == [p.slug for p in posts.latest(9)]
    assert [p.slug for p in posts.feed_entries()] == ["seen"] == [e.slug for e in posts.sitemap_entries(1)]
    assert posts.get("draft") is None and posts.get("later") is None and posts.tags() == []
    assert posts.related(posts.get("seen")) == []


def test_a_post_appears_when_its_time_has_come(app):
    post("later", published_at=clock.now() + timedelta(minutes=5))
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert posts.get("later") is not None


def test_lists_are_newest_first_thirteen_a_page(app):
    for n in range(15):
        post(f"p{n}", published_at=clock.now() - timedelta(hours=n + 1))
    page = posts.listed(page=2)
    assert [p.slug for p in page.items] == ["p13", "p14"]
    assert (page.total, page.pages, page.prev_num, page.next_num) == (15, 2, 1, None)


def test_a_topic_lists_its_own_posts(app):
    post("one", tags=("Running",))
    post("two", tags=("Desk work",))
    assert [p.slug for p in posts.listed(tag=posts.get_tag("desk-work")).items] == ["two"]
    assert [tag.name for tag in posts.tags()] == ["Desk work", "Running"]


def test_related_posts_share_topics_before_they_are_new(app):
    subject = post("subject", tags=("Running", "Recovery"))
    post("both", tags=("Running", "Recovery"), published_at=clock.now() - timedelta(days=9))
    post("one-topic", tags=("Running",), published_at=clock.now() - timedelta(days=8))
    post("new", tags=("Desk work",))
    assert [p.slug for p in posts.related(subject)] == ["both", "one-topic", "new"]
    assert [p.slug for p in posts.related(subject, 1)] == ["both"]


def test_a_topic_without_latin_letters_has_an_address_too(app):
    post("one", tags=("日本",))
    assert db.session.query(Tag).one().slug.startswith("topic-")


def test_updated_means_on_a_later_day(app):
    at = clock.instant_of(clock.today() - timedelta(days=9))
    assert not post("one", published_at=at, updated_at=at + timedelta(hours=2)).is_updated
    assert post("two", published_at=at, updated_at=at + timedelta(hours=25)).is_updated
    assert not post("three", published_at=at, updated_at=at - timedelta(days=3)).is_updated


def test_deleting_a_post_takes_its_words_and_topics_along(app):
    db.session.delete(post("one", tags=("Running",)))
    db.session.flush()
    assert db.session.query(Post).count() == 0 and posts.tags() == []


def show(items):
    """What pages read of posts."""
    return [(p.slug, p.title, p.hero_url, p.published_at, p.reading_minutes, p.author.name) for p in items]


LISTS = {
    "index": lambda: show(posts.listed().items),
    "topic": lambda: show(posts.listed(tag=posts.get_tag("running")).items),
    "latest": lambda: show(posts.latest(30)),
    "feed": lambda: [(p.body_html, p.author.name, [t.name for t in p.tags]) for p in posts.feed_entries(30)],
    "sitemap": lambda: posts.sitemap_entries(posts.sitemap_pages()),
    "search": lambda: [(hit.post.title, hit.excerpt) for hit in search("words", per_page=30).items],
    "topics": posts.tags,
    "related": lambda: show(posts.related(posts.get("p0"), 30)),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_as_many_queries_for_thirty_posts_as_for_one(app, name):
    counts = []
    for start, stop in ((0, 2), (2, 30)):
        for n in range(start, stop):
            post(f"p{n}", tags=("Running", f"Topic {n}"), author=Person(f"Author {n}"))
        db.session.commit()
        counts.append(count_queries(LISTS[name]))
    assert counts[0] == counts[1] <= 5


def count_queries(action) -> int:
    """How many statements it sends, in a session that knows nothing yet."""
    db.session.remove()
    with noted() as statements:
        assert action()
    return len(selects(statements))
