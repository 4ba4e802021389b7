"""Search finds the same on both databases: what the plain Python below finds."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text

from clinic_app import database
from clinic_app.enquiries import inbox, search
from clinic_app.enquiries.models import SEARCHED, Enquiry, EnquiryWords
from clinic_app.enquiries.words import index_words, query_terms
from clinic_app.extensions import db
from tests.factories import enquire

WORDS = [
    "Zoë",
    "ZOE",
    "Đặng",
    "dang",
    "back",
    "Backs",
    "o'brien",
    "10",
    "10th",
    "0491 570 006",
    "+61 491 570 006",
    "日本",
    "a@b.org",
]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
QUERIES = st.one_of(
    TEXTS,
    st.lists(st.sampled_from([w[:3] for w in WORDS] + ["*", '"', "-", "AND", "'"]), max_size=3).map(" ".join),
)


def found(query: str) -> list[int]:
    words = search.words(query)
    return sorted(db.session.scalars(words.by_index)) if words else []


def expected(query: str) -> list[int]:
    """The rule in plain Python: each term is met, by all words of one of its alternatives."""
    terms = query_terms(query)

    def meets(enquiry) -> bool:
        words = index_words(**{name: getattr(enquiry, name) for name in SEARCHED}).split()
        return bool(terms) and all(
            any(all(any(w.startswith(part) for w in words) for part in group) for group in term) for term in terms
        )

    return sorted(e.id for e in db.session.scalars(select(Enquiry)) if meets(e))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=5), st.lists(QUERIES, min_size=1, max_size=4))
def test_any_plain_words_find_what_the_rule_says(app, messages, queries):
    for number, message in enumerate(messages):
        enquire(message=message, nonce=str(number))
    try:
        for query in queries:
            assert found(query) == expected(query), query
    finally:
        db.session.rollback()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_at_all_may_be_typed(app, typed):
    assert found(typed) == []


@pytest.mark.parametrize(
    "query",
    [
        "lee",
        "INVENTED",
        "lee@example.org",
        "example.org lee",
        "0491 570 006",
        "0491570006",
        "+61 491 570 006",
        "61491570006",
        "0491 570 0",
        "(0491) 570-006",
        "reference",
        "482-173-096",
        "482173096",
        "482 173",
        "park cafe",
        "cafe 2nd",
    ],
)
def test_it_is_found_by_name_address_phone_reference_and_message_however_they_are_written(app, monkeypatch, query):
    drawn = iter(["482173096", "111111118"])
    monkeypatch.setattr(inbox.references, "new", lambda: next(drawn))
    with database.transaction():
        wanted = enquire(
            name="Lee Invented",
            email="lee@example.org",
            message="Is there parking by the café? My 2nd reference.",
        ).id
        enquire(name="Jo Fictional", email="jo@example.com", phone="+61491570157", nonce="2")
    assert found(query) == [wanted]


def test_a_changed_enquiry_is_found_by_what_it_says_now(app):
    with database.transaction():
        enquiry = enquire(name="Lee Invented")
    with database.transaction():
        enquiry.name = "Somebody"
    assert (found("invented"), found("somebody")) == ([], [enquiry.id])


def test_a_deleted_enquiry_leaves_nothing_in_the_index(app):
    with database.transaction():
        number = enquire(name="Lee Invented").id
    with database.transaction() as session:
        session.execute(delete(Enquiry).where(Enquiry.id == number))
    assert db.session.scalars(select(EnquiryWords.words)).all() == []
    if db.engine.dialect.name == "sqlite":
        hits = text("SELECT count(*) FROM enquiry_search WHERE enquiry_search MATCH 'invented'")
        assert db.session.scalar(hits) == 0
        db.session.execute(text("INSERT INTO enquiry_search (enquiry_search) VALUES ('integrity-check')"))
