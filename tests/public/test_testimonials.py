"""The testimonials page."""

import pytest

from clinic_app import database
from clinic_app.testimonials import moderation
from tests.reading import page_of

from ..testimonials.invented import CLINICAL, received, several

ODD = "  Oh 😀 “the door”,\n  it's <b>wide</b> & the bell — 门很宽 — rings…"


def quotes(parsed) -> list[str]:
    return [quote.get_text() for quote in parsed.find_all("blockquote")]


def test_the_heading_is_a_setting(client, with_settings):
    with_settings(testimonials_heading="What people told us")
    assert page_of(client, "/testimonials").h1.get_text() == "What people told us"


def test_without_testimonials_the_page_says_so(client):
    parsed = page_of(client, "/testimonials")
    assert quotes(parsed) == []
    assert parsed.find(class_="empty")


def test_words_are_shown_as_they_were_written(client, with_settings):
    with_settings(testimonial_rules="none")
    with database.transaction():
        received(ODD)
    assert quotes(page_of(client, "/testimonials")) == [ODD]


def test_only_the_published_are_shown_and_the_featured_stands_first(client):
    with database.transaction():
        first, second, third = several(3)
        received(CLINICAL)
        moderation.feature(second, by="Kit Example")
        moderation.hide(third, by="Kit Example")
        wanted = [second.text, first.text]
    assert quotes(page_of(client, "/testimonials")) == wanted


def test_samples_are_marked(client):
    with database.transaction():
        received(is_sample=True)
    assert "Sample" in page_of(client, "/testimonials").figcaption.get_text()


def test_pages_lead_on_and_back(client):
    with database.transaction():
        several(13)
    assert len(quotes(page_of(client, "/testimonials"))) == 12
    assert page_of(client, "/testimonials").find("a", rel="next")["href"] == "/testimonials?page=2"
    second = page_of(client, "/testimonials?page=2")
    assert len(quotes(second)) == 1
    assert second.find("a", rel="prev")["href"] == "/testimonials"


@pytest.mark.parametrize("number", ["0", "-1", "2", "99999999999999999999"])
def test_a_page_that_is_not_there_is_not_found(client, number):
    assert client.get(f"/testimonials?page={number}").status_code == 404
