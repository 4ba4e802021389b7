"""Staff's search of testimonials: each word of the query begins a word of the name or the text."""

from sqlalchemy import false, select
from sqlalchemy.orm import aliased

from ..lists import keyset
from ..text import folding, word_index
from .models import Testimonial

INDEX = "testimonial_search"  # SQLite's
MAX_QUERY_WORDS = 20


def words(text: str) -> keyset.Words | None:
    """The words of a query for a list that is read by key; None for a text that is empty.

    Case and accents do not matter. A text without letters or digits finds none.
    """
    if not text.strip():
        return None
    asked = word_index.distinct(folding.words(text))[:MAX_QUERY_WORDS]
    kept = aliased(Testimonial)
    sights = [keyset.begins_a_word(kept.search_words, word) for word in asked] or [false()]
    terms = [[[word]] for word in asked]
    found = word_index.rows_with(terms, words=Testimonial.search_words, key=Testimonial.id, sqlite=INDEX)
    return keyset.Words(
        rows=select(Testimonial),
        by_index=found,
        at_sight=lambda key: select(kept.id).where(kept.id == key, *sights),
    )
