"""What visitors and staff see, and how many queries it takes."""

import re
from contextlib import contextmanager

import pytest
from sqlalchemy import delete, text

from clinic_app import clock, database
from clinic_app.extensions import db
from clinic_app.lists import keyset
from clinic_app.testimonials import listing, models, moderation, search
from clinic_app.testimonials.refusals import UnknownTestimonials
from tests.queries import noted

from .invented import CLINICAL, received, service, several

pytestmark = pytest.mark.usefixtures("writing")


@contextmanager
def queries(count: int):
    with noted() as statements:
        yield
    assert len(statements) == count, statements


@pytest.mark.parametrize("count", [1, 20])
def test_the_pages_lists_take_a_fixed_number_of_queries(count):
    several(count)
    db.session.expire_all()
    with queries(10):
        listing.featured()
        [t.text for t in listing.published()]
        [t.text for t in listing.voices(3)]


def test_the_page_has_the_published_without_the_featured_newest_first():
    first, second, third = several(3)
    received(CLINICAL)
    moderation.feature(second, by="Kit Example")
    assert listing.featured() is second
    assert listing.published().items == [third, first]


def test_staffs_order_goes_before_the_date():
    first, second, third = several(3)
    moderation.arrange([second, first])
    assert listing.published().items == [second, first, third]
    moderation.arrange([third])
    assert listing.published().items == [third, second, first]


def test_twelve_stand_on_a_page():
    several(13)
    assert [len(listing.published(number).items) for number in (1, 2, 3)] == [12, 1, 0]


@pytest.mark.parametrize("stride", [10, 24, listing.STRIDE])
def test_all_pages_together_have_each_one_once_in_order(monkeypatch, stride):
    monkeypatch.setattr(listing, "STRIDE", stride)
    made = several(50)
    moderation.arrange(made[:3])
    pages = [listing.published(number).items for number in range(1, 7)]
    assert [voice for page in pages for voice in page] == [*made[:3], *made[:2:-1]]
    assert [len(page) for page in pages] == [12, 12, 12, 12, 2, 0]


def test_a_later_page_begins_where_those_before_it_are_known_to_end(app, monkeypatch):
    monkeypatch.setattr(listing, "STRIDE", 20)
    made = several(50)
    db.session.commit()
    listing.published(3)
    db.session.rollback()
    with noted() as statements:
        assert listing.published(3).items == made[25:13:-1]
    [counted_off] = [each for each in statements if "OFFSET" in each.sql]
    given = counted_off.parameters
    assert 24 - 20 in (given if database.is_sqlite() else given.values())


@pytest.mark.parametrize("page", [2, 4], ids=["from the newest", "from the oldest"])
def test_a_page_is_counted_off_by_the_index_alone(page):
    several(50)
    with noted() as statements:
        assert listing.published(page).items
    [plan] = [each.plan() for each in statements if "OFFSET" in each.sql]
    assert re.search(r"COVERING INDEX ix_testimonials_shown|Index Only Scan.* ix_testimonials_shown", plan), plan


def test_voices_prefer_the_featured():
    first, second = several(2)
    moderation.feature(first, by="Kit Example")
    assert list(listing.voices(3)) == [first, second]


def test_samples_are_seen_until_there_is_a_real_one():
    sample = received(service(7), is_sample=True)
    moderation.feature(sample, by="Kit Example")
    assert (listing.featured(), list(listing.voices(3))) == (sample, [sample])
    [real] = several(1)
    assert (listing.featured(), list(listing.voices(3)), listing.published().items) == (None, [real], [real])


def test_those_in_a_state_come_latest_first():
    first, second = several(2)
    assert list(listing.in_state("published")) == [second, first] == list(listing.in_state())
    assert list(listing.in_state("waiting")) == []


def test_near_duplicates_are_shown_side_by_side():
    first, second = received(CLINICAL), received(CLINICAL, published_at=clock.now())
    assert list(listing.group(first)) == list(listing.group(second)) == [first, second]


def test_asking_for_one_that_is_not_there_names_it():
    [one] = several(1)
    with pytest.raises(UnknownTestimonials, match="There is no testimonial 999") as refusal:
        listing.by_ids([one.id, 999])
    assert refusal.value.ids == {999}


def test_each_state_is_counted_in_one_query():
    several(2)
    moderation.hide(received(CLINICAL), by="Kit Example")
    with queries(1):
        assert listing.counts() == {"waiting": 0, "published": 2, "hidden": 1}


def found(state, typed=""):
    """What a search finds, be it at sight or by the index."""
    words, order = search.words(typed), listing.order_in(state)
    by_index = words and words._replace(looked_at=0)
    ways = [keyset.page(listing.matching(state), order=order, words=way).items for way in (words, by_index)]
    assert ways[0] == ways[1]
    return list(ways[0])


@pytest.mark.parametrize(
    "text", ["zoe", "ZOË", "tea", "café", "cafe strong", "don't", "dont don\u2019t", "前台", "  ", "leaf"]
)
def test_a_search_finds_words_in_name_or_text_whatever_their_case_and_accents(text):
    one = received(
        "The leafy CAFÉ, the strong tea: I don\u2019t mind. 前台很友好 for all of us.", name="Zoë Example"
    )
    other = received(CLINICAL)
    for testimonial in (one, other):
        moderation.hold(testimonial, by="Kit Example")
    assert found("waiting", text) == ([one] if text.strip() else [one, other])
    assert found("published", text) == []


@pytest.mark.parametrize("text", ["%", "_", "!!", "tea and biscuits", "x" * 60_000, "\0", "qq\\", "bow"])
def test_a_search_finds_nothing_where_there_is_nothing(text):
    received(CLINICAL)
    assert found("waiting", text) == []


def test_a_word_of_any_length_and_any_number_of_words_can_be_searched_by():
    first = received("Nice " + "x" * 5_000)
    second = received(" ".join(f"w{number}" for number in range(90_000)))
    for each in (first, second):
        moderation.hide(each, by="Kit Example")
    assert (found("hidden", "x" * 5_000), found("hidden", "w89999")) == ([first], [])
    assert found("hidden", "w7777") == [second]


def test_a_testimonial_deleted_by_plain_sql_leaves_nothing_in_the_index():
    received("Good music.")
    db.session.execute(delete(models.Testimonial))
    db.session.expunge_all()
    received("Good tea.")
    assert (found("published", "music"), len(found("published", "tea"))) == ([], 1)
    if database.is_sqlite():
        db.session.execute(text("INSERT INTO testimonial_search (testimonial_search) VALUES ('integrity-check')"))


def test_a_search_knows_a_mended_name():
    [one] = several(1)
    moderation.correct(one, name="Jo Fictional", published_at=one.published_at, by="Kit Example")
    assert (found("published", "fictional"), found("published", "sample")) == ([one], [])


def test_those_that_wait_come_as_they_arrived_and_the_others_newest_first():
    first, second = several(2)
    assert found("published") == [second, first]
    for testimonial in (second, first):
        moderation.hold(testimonial, by="Kit Example")
    assert found("waiting") == [first, second]


def test_the_next_to_decide_on_is_the_next_that_came_and_then_the_first():
    assert listing.next_waiting(0) is None
    first, second, third = (received(CLINICAL) for _ in range(3))
    assert [listing.next_waiting(t.id) for t in (first, second, third)] == [second, third, first]
    for testimonial in (second, third):
        moderation.publish(testimonial, by="Kit Example")
    assert (listing.next_waiting(second.id), listing.next_waiting(first.id)) == (first, None)
