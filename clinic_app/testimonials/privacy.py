"""What testimonials hold of a person: told, and erased. Everything here flushes and nothing commits.

Words may never be changed, and may go: with the whole row and its history, since that has the names from before
they were corrected. Nothing else holds any of it: other rows tell of a testimonial by its number only.

So that it does not come back, what it is told by is kept as digests (`people.models`): the row, for backups; the
item of its source and its words, for imports, which leave out what has one of these `marks`.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import func, select, update

from ..extensions import db
from ..imports.run import take_turns
from ..lists import chunks, records
from ..text import folding, word_index
from . import listing, moderation, search
from .duplicates import FEW_WORDS
from .models import Testimonial


def lock(ids: Collection[int]) -> None:
    """Have nobody decide on these, or bring any in, until the transaction ends.

    What an import brings in may refer to one of them as its near-duplicate. What does already is locked too, since
    it is called another's then: all by number, as by others who lock several.
    """
    take_turns()
    alike = db.session.scalars(select(Testimonial.id).where(Testimonial.resembles_id.in_(ids)))
    records.lock(Testimonial, {*ids, *alike})


def made(ids: Collection[int]) -> set[tuple[int, datetime]]:
    """(id, when it came in) of each of these that is here."""
    return records.different(ids, Testimonial.id, Testimonial.received_at)


def all_made() -> Iterator[tuple[int, datetime]]:
    """(id, when it came in) of each."""
    key = Testimonial.id
    yield from map(tuple, chunks.rows(select(key, Testimonial.received_at), by=(key,)))


def decided(ids: Collection[int]) -> dict[int, int]:
    """The number of the last decision on each of these."""
    return {k: v for group in records.in_groups(ids) for k, v in listing.last_decisions(group).items()}


def names(ids: Collection[int]) -> set[str]:
    """Under which names, those too that were corrected."""
    return {name for testimonial in _rows(ids) for name in moderation.names_had(testimonial)}


def marks(ids: Collection[int]) -> set[str]:
    """`marks_of` each of these."""
    return {mark for testimonial in _rows(ids) for mark in marks_of(testimonial)}


def marks_of(it) -> list[str]:
    """What a testimonial or a draft of one is told by when it comes again: its item, and its words, whatever name
    stands under them. Of a few words many people write the same, so the name is part of those."""
    found = [f"item:{it.source}:{it.source_id}"] if it.source else []
    if words := folding.words(it.text):
        whose = folding.words(it.name) if len(words) < FEW_WORDS else []
        found.append(f"words:{' '.join(words)}:{' '.join(whose)}")
    return found


def erase(ids: Collection[int]) -> int:
    """Delete them with their history, and their words for good; gives their number."""
    _call_groups_anew(ids)
    count = records.delete_rows(Testimonial, ids)
    word_index.forget_deleted(search.INDEX)
    return count


def _call_groups_anew(ids: Collection[int]) -> None:
    """A group of near-duplicates is known by the first of them; where that goes, by the next."""
    for number in ids:
        others = (Testimonial.resembles_id == number, Testimonial.id.not_in(ids))
        if first := db.session.scalar(select(func.min(Testimonial.id)).where(*others)):
            db.session.execute(
                update(Testimonial).where(*others, Testimonial.id != first).values(resembles_id=first)
            )


def _rows(ids: Collection[int]) -> Iterator[Testimonial]:
    for group in records.in_groups(ids):
        yield from db.session.scalars(select(Testimonial).where(Testimonial.id.in_(group)))
