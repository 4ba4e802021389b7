"""Text search that finds the same enquiries on SQLite (FTS5) and PostgreSQL (tsvector).

An enquiry is found when each word of the query begins one of its words: of name, email, phone, reference or
message. LIKE was the other choice: without an index it reads every message for each look, and it finds neither
`Zoe` in `Zoë` nor a phone number that is written another way.
"""

from collections.abc import Collection
from functools import partial

from sqlalchemy import and_, false, or_, select, update

from ..extensions import db
from ..lists import keyset
from ..text import word_index
from . import inbox
from .models import Enquiry, EnquiryWords, words_of
from .words import query_terms

INDEX = "enquiry_search"  # SQLite's


def words(text: str) -> keyset.Words | None:
    """For a list that is read by key: the enquiry has these words, which may be any at all; None without any."""
    terms = query_terms(text)
    if not text.strip():
        return None
    key = EnquiryWords.enquiry_id
    begins = partial(keyset.begins_a_word, EnquiryWords.words)
    sights = [or_(*(and_(*map(begins, group)) for group in term)) for term in terms] or [false()]
    return keyset.Words(
        rows=select(Enquiry),
        by_index=word_index.rows_with(terms, words=EnquiryWords.words, key=key, sqlite=INDEX),
        at_sight=lambda key: select(EnquiryWords.enquiry_id).where(EnquiryWords.enquiry_id == key, *sights),
    )


def index_again(ids: Collection[int]) -> None:
    """Write the words of these enquiries anew, and by what their repeats are told, after bulk changes; flushes."""
    for enquiry in db.session.scalars(select(Enquiry).where(Enquiry.id.in_(ids))):
        enquiry.message_digest = inbox.digest_of(enquiry.message)
        db.session.execute(
            update(EnquiryWords).where(EnquiryWords.enquiry_id == enquiry.id).values(words=words_of(enquiry))
        )
    db.session.flush()


def forget_deleted() -> None:
    """Leave no word in the index of what was erased."""
    word_index.forget_deleted(INDEX)
