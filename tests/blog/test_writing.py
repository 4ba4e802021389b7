"""Posts as staff write them: revisions, nobody's words lost, and addresses that keep leading to them."""

from datetime import timedelta

import pytest
import time_machine

from clinic_app import clock
from clinic_app.blog import desk, posts, revisions, search, writing
from clinic_app.blog.arrivals import bring
from clinic_app.blog.content import Person
from clinic_app.blog.models import Post, PostRedirect, PostRevision
from clinic_app.blog.revisions import Writer
from clinic_app.blog.writing import NewerRevision
from clinic_app.extensions import db
from clinic_app.imports.rows import Outcome
from clinic_app.lists import keyset

from .make import composed, post

CASEY, JO = Writer("Casey Invented", 1), Writer("Jo Fictional", 2)


def save(slug="one", *, of=None, began_with=0, by=CASEY, note="", waved_through=(), **fields):
    return writing.save(
        composed(slug, **fields), post=of, began_with=began_with, by=by, note=note, waved_through=waved_through
    )


def kept(saved):
    db.session.expire_all()
    return db.session.query(PostRevision).filter_by(post_id=saved.id).order_by(PostRevision.number).all()


# Revisions


def test_each_save_keeps_the_whole_post(app):
    saved = save(title="One", body="First.", tags=("Running",), summary="Short.", hero="a.svg", hero_alt="A hill")
    save(of=saved, began_with=1, by=JO, note="Published", title="One more", body="Second.", hero=None)
    first, second = kept(saved)
    assert (first.number, first.title, first.body, first.by, first.member_id) == (
        1,
        "One",
        "First.",
        CASEY.name,
        1,
    )
    assert (first.summary, first.tags, first.author, first.hero_alt) == (
        "Short.",
        ["Running"],
        "Robin Sample",
        "A hill",
    )
    assert (second.number, second.title, second.body, second.by, second.note) == (
        *(2, "One more", "Second.", JO.name),
        "Published",
    )
    assert second.hero == "a.svg"


def test_a_save_that_changes_nothing_makes_no_revision(app):
    at = clock.now()
    saved = save(published_at=at)
    save(of=saved, began_with=1, published_at=at)
    assert len(kept(saved)) == 1
    save(of=saved, began_with=1, published_at=at, waved_through=[{"key": "abc"}])
    assert len(kept(saved)) == 2 and revisions.waved_through(saved.id) == {"abc"}


def test_a_post_from_before_revisions_keeps_what_it_was(app):
    saved = post("one", body="Old words.")
    save(of=saved, began_with=0, body="New words.")
    assert [(r.number, r.body, r.by) for r in kept(saved)] == [
        (1, "Old words.", ""),
        (2, "New words.", CASEY.name),
    ]


def test_nobody_saves_over_what_they_have_not_seen(app):
    saved = save(body="First.")
    save(of=saved, began_with=1, by=JO, body="By Jo.")
    with pytest.raises(NewerRevision) as refused:
        save(of=saved, began_with=1, body="By Casey.")
    assert (refused.value.revision.body, refused.value.revision.by) == ("By Jo.", JO.name)
    assert saved.body_markdown == "By Jo." and len(kept(saved)) == 2
    save(of=saved, began_with=2, body="Both.")
    assert [r.body for r in kept(saved)] == ["First.", "By Jo.", "Both."]


def test_restoring_makes_a_new_revision_and_leaves_the_address_and_the_date(app):
    saved = save("one", title="First", body="First.", tags=("Running",))
    save("two", of=saved, began_with=1, title="Second", body="Second.", tags=("Desk work",), draft=True)
    date = saved.published_at
    first = kept(saved)[0]
    with pytest.raises(NewerRevision):
        writing.restore(first, writing.restored(first), began_with=1, by=JO)
    writing.restore(first, writing.restored(first), began_with=2, by=JO)
    assert (saved.title, saved.body_markdown, saved.slug, saved.draft) == ("First", "First.", "two", True)
    assert [tag.name for tag in saved.tags] == ["Running"] and saved.published_at == date
    assert [(r.number, r.note) for r in kept(saved)] == [(1, ""), (2, ""), (3, "Restored revision 1")]


def test_a_revision_is_found_with_its_own_post_only(app):
    one, other = save("one"), save("other")
    first = kept(one)[0]
    assert revisions.get(one.id, first.id) == first and revisions.get(other.id, first.id) is None
    save("one", of=one, began_with=1, body="More.")
    assert revisions.before(revisions.latest(one.id)) == first and revisions.before(first) is None


def test_what_an_import_brings_is_a_revision_too_and_what_staff_changed_stays(app):
    first = bring(composed("one", body="First."), source="markdown", source_id="one")
    saved = db.session.query(Post).one()
    bring(composed("one", body="Second."), source="markdown", source_id="one")
    assert [(r.number, r.body, r.by) for r in kept(saved)] == [
        (1, "First.", "Import (markdown)"),
        (2, "Second.", "Import (markdown)"),
    ]
    save(of=saved, began_with=2, body="By Casey.")
    third = bring(composed("one", body="Third."), source="markdown", source_id="one")
    assert (first.outcome, third.outcome, saved.body_markdown) == (Outcome.CREATED, Outcome.HELD, "By Casey.")


def test_deleting_a_post_takes_its_revisions_and_old_addresses_along(app):
    saved = save("one")
    save("two", of=saved, began_with=1)
    db.session.delete(saved)
    db.session.flush()
    assert db.session.query(PostRevision).count() == db.session.query(PostRedirect).count() == 0


# Addresses


def moved(*slugs):
    """A public post that had these addresses one after the other."""
    saved = save(slugs[0])
    for number, slug in enumerate(slugs[1:], 1):
        save(slug, of=saved, began_with=number)
    return saved


def test_an_address_that_a_post_had_leads_to_it_in_one_step(app, client):
    moved("one", "two", "three")
    db.session.commit()
    for old in ("/blog/one", "/blog/two", "/post/one"):
        answer = client.get(old)
        assert (answer.status_code, answer.location) == (301, "/blog/three")
    assert client.get("/blog/three").status_code == 200 and client.get("/blog/four").status_code == 404


def test_taking_an_address_back_ends_its_leading_on(app):
    moved("one", "two", "one")
    assert posts.get("one") and posts.moved_to("one") is None and posts.moved_to("two") == "one"


def test_a_public_post_is_never_hidden_behind_an_old_address(app, client):
    moved("one", "two")
    other = save("one", title="Another", draft=True)
    assert posts.moved_to("one") == "two"  # for as long as it is a draft
    save("one", of=other, began_with=1, title="Another")
    assert posts.moved_to("one") is None
    db.session.commit()
    assert "Another" in client.get("/blog/one").text


def test_an_old_address_leads_on_until_a_scheduled_post_that_has_it_comes_out(app, client):
    saved = moved("one", "two")
    with time_machine.travel(clock.now(), tick=False) as traveller:
        save("one", title="Another", published_at=clock.now() + timedelta(hours=1))
        db.session.commit()
        assert client.get("/blog/one").location == client.get("/post/one").location == "/blog/two"
        assert posts.old_slugs(saved) == ["one"]
        traveller.shift(timedelta(hours=2))
        assert "Another" in client.get("/blog/one").text and client.get("/post/one").location == "/blog/one"
        assert posts.old_slugs(saved) == []


@pytest.mark.parametrize(
    "fields",
    [{"draft": True, "published_at": None}, {"draft": True}, {"published_at": clock.now() + timedelta(days=1)}],
)
def test_a_post_that_was_never_out_leaves_no_old_address_and_takes_none(app, fields):
    moved("one", "two")
    other = save("one", **fields)
    save("three", of=other, began_with=1, **fields)
    assert posts.moved_to("one") == "two"
    assert posts.old_slugs(other) == []


def test_an_old_address_of_a_post_that_nobody_may_see_is_not_found(app, client):
    saved = moved("one", "two")
    save("two", of=saved, began_with=2, draft=True)
    db.session.commit()
    assert client.get("/blog/one").status_code == client.get("/post/one").status_code == 404


# Lists


def some(app):
    for n in range(3):
        post(f"out-{n}", body="knees", published_at=clock.now() - timedelta(hours=n + 1))
    for n in range(2):
        post(f"later-{n}", body="elbows", published_at=clock.now() + timedelta(hours=n + 1))
    post("draft", title="Über knees", draft=True, published_at=None)


def slugs(state="", q=""):
    page = keyset.page(desk.listed(state=state), order=desk.order(state), words=search.words(q))
    return [post.slug for post in page.items]


def test_staff_see_posts_of_every_state(app):
    some(app)
    assert desk.counts() == {"": 6, "published": 3, "scheduled": 2, "draft": 1}
    assert slugs("published") == ["out-0", "out-1", "out-2"]
    assert slugs("scheduled") == ["later-0", "later-1"]
    assert slugs("draft") == ["draft"]
    assert slugs() == ["draft", "later-1", "later-0", "out-2", "out-1", "out-0"]


def test_staff_find_posts_by_their_words(app):
    some(app)
    assert slugs(q="knee uber") == ["draft"]
    assert slugs("published", q="KNEES") == ["out-0", "out-1", "out-2"]
    assert slugs(q="ankles") == slugs(q="?!") == [] and len(slugs(q=" ")) == 6


def test_no_posts_are_counted_as_none(app):
    assert desk.counts() == {"": 0, "published": 0, "scheduled": 0, "draft": 0}
    assert desk.author_names() == desk.topic_names() == []


def test_a_misspelt_topic_or_author_is_offered_no_longer_than_a_post_has_it(app):
    saved = post("one", tags=("Runing", "Knees"), author=Person("Robn Sample"))
    post("two", tags=("Knees",), draft=True)
    assert (desk.author_names(), desk.topic_names()) == (["Robin Sample", "Robn Sample"], ["Knees", "Runing"])
    save(of=saved, began_with=1, tags=("Running", "Knees"))
    assert (desk.author_names(), desk.topic_names()) == (["Robin Sample"], ["Knees", "Running"])
