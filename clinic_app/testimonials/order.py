"""The order in which visitors see testimonials: staff's own first, then by date.

What staff move keeps its place, and so does all that stands above it; what comes later is put below, by its date.
"""

from ..extensions import db
from . import listing, moderation
from .models import Testimonial
from .refusals import NotPublished

FIRST = -(2**31)  # so many places up


def move(testimonial: Testimonial, *, places: int) -> None:
    """Put it so many places down the page (up, where `places` is negative), as far as that goes.

    Raises NotPublished when visitors do not see it.
    """
    ids, placed = _order()
    if testimonial.id not in ids:
        raise NotPublished(f"{moderation.called(testimonial)} is not shown, so it has no place in the order.")
    at = ids.index(testimonial.id)
    to = max(0, min(len(ids) - 1, at + places))
    ids.insert(to, ids.pop(at))
    placed.add(testimonial.id)
    last = max(place for place, number in enumerate(ids) if number in placed)
    moderation.arrange(listing.by_ids(ids[: last + 1]))


def _order() -> tuple[list[int], set[int]]:
    """The numbers of those that visitors see, in order, and which of them staff have placed. Locks their rows.

    They are locked by number, as by all who lock several, and read by a query of its own: one that waits for locks
    gives rows in the order that they had when it began.
    """
    keys = listing.keys_shown()
    db.session.execute(keys.order_by(Testimonial.id).with_for_update()).all()
    rows = db.session.execute(keys.add_columns(Testimonial.position).order_by(*listing.ORDER)).all()
    return [number for number, _ in rows], {number for number, position in rows if position is not None}
