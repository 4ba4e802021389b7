"""How search reads texts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.blog import words
from clinic_app.blog.content import tag_slug
from clinic_app.text import folding, word_index


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert folding.fold(folding.fold(text)) == folding.fold(text)


@given(st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=12), st.integers(1, 12))
def test_the_beginning_of_a_word_finds_the_word(word, length):
    known = words.index_words(word).split(" ")
    typed = words.query_words(folding.fold(word)[:length])
    assert all(any(stored.startswith(part) for stored in known) for part in typed)


@pytest.mark.parametrize(
    ("typed", "written"),
    [("CAFE", "café"), ("runners", "runner"), ("runner's", "runners"), ("strasse", "Straße"), ("10", "10")]
    + [("dang", "Đặng"), ("lukasz", "Łukasz"), ("soren", "Søren"), ("yildiz", "YILDIZ"), ("yildiz", "Yıldız")]
    + [("aegir thor oeuvre", "Ægir Þor Œuvre")],
)
def test_case_accents_plurals_and_apostrophes_make_no_difference(typed, written):
    assert words.query_words(typed) == words.index_words(written).split()


def test_letters_that_search_takes_as_plain_ones_leave_the_addresses_of_topics():
    """Posts that are there have a topic under the one that it got; a new one would part them."""
    assert tag_slug("Fødsel") == "f-dsel"


def test_no_index_grows_beyond_what_a_database_takes():
    text = " ".join(f"word{number}" for number in range(200_000))
    assert len(words.index_words(text).encode()) <= word_index.MAX_BYTES


@given(st.text(), st.lists(st.text(max_size=5), max_size=3))
def test_an_excerpt_of_any_text_is_escaped_and_says_only_what_the_text_says(text, typed):
    plain = " ".join(text.split())
    found = words.excerpt(plain, words.query_words(" ".join(typed)))
    if found is not None:
        bare = re.sub(r"^… | …$|</?mark>", "", found).replace("&lt;", "").replace("&gt;", "")
        assert "<" not in bare and ">" not in bare


def test_an_excerpt_shows_the_words_marked_amid_their_neighbours():
    plain = "Start. " * 40 + "Then stretch your <back> slowly, and backing like that. " + "End. " * 80
    found = words.excerpt(plain, words.query_words("back stretch"))
    assert (
        "Then <mark>stretch</mark> your &lt;<mark>back</mark>&gt; slowly, and <mark>backing</mark> like" in found
    )
    assert found.startswith("… ") and found.endswith(" …") and len(found.striptags()) < 240
