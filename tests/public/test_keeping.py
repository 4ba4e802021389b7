"""Kept pages tell what is so now: content that changes, and what time alone changes."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from clinic_app import clock, database
from clinic_app.blog import posts
from clinic_app.booking import hours, profiles
from clinic_app.extensions import db
from clinic_app.testimonials import moderation
from clinic_app.times.periods import Period
from clinic_app.web.times import read_start
from tests.blog.make import composed, post
from tests.reading import page_of, text_of
from tests.testimonials.invented import received

from .conftest import NOW

AN_INSTANT = timedelta(microseconds=1)
MONDAY_AT_8 = datetime(2026, 11, 22, 21, tzinfo=UTC)  # when the clinic opens


def words(client, path: str = "/") -> str:
    return page_of(client, path).main.get_text(" ", strip=True)


@pytest.mark.parametrize("path", ["/", "/blog", "/blog/tag/running", "/blog/feed.atom", "/sitemap-posts-1.xml"])
def test_a_scheduled_post_is_there_at_its_instant_and_not_before(client, travel, path):
    with database.transaction():
        post("one", tags=("Running",))
        post("two", tags=("Running",), published_at=NOW + timedelta(minutes=3))
    assert "/blog/two" not in client.get(path).text
    travel.move_to(NOW + timedelta(minutes=3) - AN_INSTANT)
    assert "/blog/two" not in client.get(path).text
    travel.move_to(NOW + timedelta(minutes=3))
    assert "/blog/two" in client.get(path).text


def test_a_post_that_is_scheduled_after_its_page_was_kept_comes_on_time_too(client, travel):
    with database.transaction():
        one = post("one")
    assert "/blog/two" not in client.get("/blog").text
    with database.transaction():
        two = post("two", draft=True)
    client.get("/blog")
    with database.transaction():
        posts.save(composed("two", published_at=NOW + timedelta(minutes=3)), post=two)
    assert "/blog/two" not in client.get("/blog").text
    travel.move_to(NOW + timedelta(minutes=3))
    assert "/blog/two" in client.get("/blog").text
    assert one.slug in client.get("/blog").text


def test_a_post_that_is_published_hidden_or_changed_is_so_for_the_next_visitor(client, app):
    with database.transaction():
        one = post("one")
    for path in ("/", "/blog", "/blog/one"):
        assert client.get(path).status_code == 200
    with database.transaction():
        posts.save(composed("one", draft=True), post=one)
    assert "/blog/one" not in client.get("/").text + client.get("/blog").text
    assert client.get("/blog/one").status_code == 404
    with database.transaction():
        posts.save(composed("one"), post=one)
    assert "/blog/one" in client.get("/").text and client.get("/blog/one").status_code == 200
    with database.transaction() as session:
        session.execute(text("UPDATE posts SET title = 'Knees'"))
    assert "Knees" in words(client, "/blog/one") and "Knees" in words(client)


def test_a_testimonial_that_is_withdrawn_is_gone_at_once(client, app):
    with database.transaction():
        voice = received(name="Pat Pretend")
    assert "Pat Pretend" in words(client) and "Pat Pretend" in words(client, "/testimonials")
    with database.transaction():
        moderation.withdraw_consent(voice, by="Kit Example")
    assert "Pat Pretend" not in words(client) + words(client, "/testimonials")


def test_a_page_that_has_not_changed_keeps_its_etag_whatever_else_is_written(client, app):
    before = client.get("/privacy").headers["ETag"]
    with database.transaction():
        post("one")
    assert client.get("/privacy", headers={"If-None-Match": before}).status_code == 304


def test_a_service_that_is_retired_and_a_person_who_leaves_are_gone(client, clinic, travel):
    assert "Running check" in words(client) and "Kit Example" in words(client)
    with database.transaction():
        profiles.save_service("check", retired=True)
        profiles.save_practitioner("kit", left_on=clock.today())
    assert "Running check" not in words(client) and "Kit Example" in words(client)
    travel.move_to(clock.instant_of(clock.today() + timedelta(days=1)) - AN_INSTANT)
    assert "Kit Example" in words(client)
    travel.shift(AN_INSTANT)
    assert "Kit Example" not in words(client)


def test_opening_hours_are_told_as_they_are_at_each_instant(client, travel):
    assert "Closed, opens Mon 23 Nov, 8:00 am" in text_of(page_of(client, "/privacy"))
    for at, told in [
        (MONDAY_AT_8 - timedelta(hours=8), "Closed, opens 8:00 am"),
        (MONDAY_AT_8 - AN_INSTANT, "Closed, opens 8:00 am"),
        (MONDAY_AT_8, "Open now, until 6:00 pm"),
        (MONDAY_AT_8 + timedelta(hours=10), "Closed, opens Tue 24 Nov, 8:00 am"),
    ]:
        travel.move_to(at)
        assert told in text_of(page_of(client, "/privacy")), at


def test_a_closure_is_told_from_the_next_visit_on(client, clinic, travel):
    travel.move_to(MONDAY_AT_8)
    assert "Open now" in client.get("/privacy").text
    with database.transaction():
        hours.close_clinic(Period(NOW, NOW + timedelta(days=2)))
    assert "Open now" not in client.get("/privacy").text


def test_the_next_times_on_the_home_page_can_be_booked(client, visitor, travel):
    first = page_of(client, "/").select_one(".next-list a")["href"]
    assert first == "/book/first/robin/2026-11-23T0900"
    visitor.book(first)
    assert first not in client.get("/").text
    again = page_of(client, "/").select_one(".next-list a")["href"]
    travel.move_to(read_start(again.rpartition("/")[2]) - timedelta(hours=2))  # the notice that is asked for
    assert again in client.get("/").text, "it can be booked up to and with this instant"
    travel.shift(AN_INSTANT)
    assert again not in client.get("/").text


def test_a_page_made_while_hours_could_not_be_read_is_not_kept(client, clinic, travel):
    travel.move_to(MONDAY_AT_8, tick=True)
    with database.transaction():
        hours.close_clinic(Period(NOW, NOW + timedelta(days=2)))
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE hours_exceptions RENAME TO away"))
    try:
        page = client.get("/privacy")
        assert "Open now" in page.text
        assert page.headers["Cache-Control"].startswith("private")
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO hours_exceptions"))
    assert "Open now" not in client.get("/privacy").text


@pytest.mark.parametrize(
    ("query", "is_kept"),
    [
        ("week=2026-12-01", True),
        ("week=2026-12-01&note=gone", True),
        ("gad_source=1&week=2026-12-01", True),
        ("note=unknown", False),
        ("week=junk", False),
        ("week=2026-12-01&week=2026-12-02", False),
        ("week=2026-02-30", False),
        ("week=2026-11-01", False),  # over
        ("week=2099-12-31", False),  # beyond the last day that can be booked
    ],
)
def test_a_week_is_kept_under_its_own_day_only(client, clinic, travel, query, is_kept):
    travel.move_to(NOW, tick=True)  # what is not kept must not be for the time that it takes to make either
    for _ in range(2):
        answer = client.get(f"/book/visit/robin?{query}")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith("public" if is_kept else "private")


def test_old_links_to_a_service_lead_on_and_say_why_where_there_is_none(client, clinic):
    assert client.get("/book?service=visit&gclid=1").location == "/book/visit"
    for _ in range(2):
        assert "can’t be booked online" in words(client, "/book?note=service&utm_source=x")
    assert "can’t be booked online" not in words(client, "/book")


def test_a_page_that_needs_nothing_of_the_database_does_without_it_from_the_middle_on(client, app):
    """It has been there for the look; what the page tells beside its own words is left out."""
    tables = ("posts", "hours_exceptions")

    def rename(suffix_before: str, suffix: str) -> None:
        with db.engine.begin() as connection:
            for name in tables:
                connection.execute(text(f"ALTER TABLE {name}{suffix_before} RENAME TO {name}{suffix}"))

    db.session.remove()
    rename("", "_gone")
    try:
        page = client.get("/privacy")
    finally:
        rename("_gone", "")
    assert page.status_code == 200 and page.headers["Cache-Control"] == "private, no-cache"
    assert "public" in client.get("/privacy").headers["Cache-Control"]
