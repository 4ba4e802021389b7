"""Finding testimonials, in a fixed number of queries whatever their number."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, Select, func, select, text, tuple_
from sqlalchemy.orm import aliased

from .. import content_version
from ..extensions import db
from ..lists import numbered
from ..lists.counting import WORTH_TELLING, counted
from .models import PUBLISHED, STATES, WAITING, Decision, Testimonial
from .refusals import UnknownTestimonials

PER_PAGE = 12
STRIDE = 2_000  # how many a page counts off, once it is known where those before them end
COUNTED = WORTH_TELLING
# Staff's own order first, then the newest. Each is read from its part of an index, whose columns these are.
PLACED = (Testimonial.position, Testimonial.published_at.desc(), Testimonial.id.desc())
# The others have no position: PostgreSQL takes the index's order for theirs only where it is named all the same.
NEWEST = (Testimonial.position.desc(), Testimonial.published_at.desc(), Testimonial.id.desc())
ORDER = (Testimonial.position.is_(None), *PLACED)


def featured() -> Testimonial | None:
    """The one at the head of the page, if there is one. One query."""
    # Said as the index says it, which holds this row alone. The schema lets only published ones be featured.
    is_featured = text("testimonials.is_featured")
    real = aliased(Testimonial)
    any_real = select(real.id).where(real.state == PUBLISHED, ~real.is_sample).exists()
    return db.session.scalar(select(Testimonial).where(is_featured, ~Testimonial.is_sample | ~any_real))


def published(page: int = 1) -> Pagination:
    """A page of those that visitors see, without the featured one; an empty page past the last.

    Four queries, and three more for the first page after a change, which counts them. Of later pages the first in
    each STRIDE takes two more.
    """
    first = featured()
    wanted = keys_shown(besides=first)
    parts = _placed(wanted), _by_date(wanted)
    placed, others = content_version.kept("testimonials shown", lambda: [numbered.count(part) for part in parts])
    return numbered.Numbered(
        rows=lambda offset, limit: _part(wanted, offset=offset, limit=limit, placed=placed, others=others),
        total=placed + others,
        page=page,
        per_page=PER_PAGE,
    )


def voices(count: int) -> Sequence[Testimonial]:
    """A few for the home page, the featured one first. Four queries."""
    first = featured()
    wanted = keys_shown(besides=first)
    return ([first] if first else []) + in_order(wanted, limit=count - bool(first))


def shown(*, limit: int) -> Sequence[Testimonial]:
    """The first of those that visitors see, in their order, the featured one in its place. Three queries."""
    return in_order(keys_shown(), limit=limit)


def in_order(keys: Select, *, limit: int) -> list[Testimonial]:
    """The first of these in the order in which visitors see them. Two queries."""
    found: list[Testimonial] = []
    for part, order in ((_placed(keys), PLACED), (_by_date(keys), NEWEST)):
        rows = select(Testimonial).where(Testimonial.id.in_(select(part.order_by(*order).limit(limit).subquery())))
        found += db.session.scalars(rows.order_by(*order).limit(limit - len(found)))
    return found


def keys_shown(*, besides: Testimonial | None = None) -> Select:
    """The query of the numbers of those that visitors see, in no order: samples, until there is a real one, which
    one query finds out."""
    real = select(Testimonial.id).where(Testimonial.state == PUBLISHED, ~Testimonial.is_sample)
    any_real = db.session.scalar(select(real.exists()))
    keys = select(Testimonial.id).where(Testimonial.state == PUBLISHED, Testimonial.is_sample == (not any_real))
    return keys.where(Testimonial.id != besides.id) if besides else keys


def _placed(keys: Select) -> Select:
    return keys.where(Testimonial.position.is_not(None))


def _by_date(keys: Select) -> Select:
    return keys.where(Testimonial.position.is_(None))


def _part(keys: Select, *, offset: int, limit: int, placed: int, others: int) -> list[Testimonial]:
    found = numbered.part(
        _placed(keys), order=PLACED, rows=select(Testimonial), offset=offset, limit=limit, total=placed
    )
    return [*found, *_part_by_date(_by_date(keys), max(0, offset - placed), limit - len(found), others)]


def _part_by_date(keys: Select, offset: int, limit: int, total: int) -> Sequence[Testimonial]:
    """Counted off from the last one whose number is of STRIDEs: where that stands is kept with the content."""
    at = offset // STRIDE * STRIDE
    if 0 < at < total and (place := content_version.kept(("voice", at), partial(_place, keys, at, total))):
        keys = keys.where(tuple_(Testimonial.published_at, Testimonial.id) <= place)
        offset, total = offset - at, total - at
    return numbered.part(keys, order=NEWEST, rows=select(Testimonial), offset=offset, limit=limit, total=total)


def _place(keys: Select, at: int, total: int) -> tuple[datetime, int] | None:
    """When the one came out that has so many before it, and its number; None where it is gone by now."""
    found = numbered.part(keys, order=NEWEST, rows=select(Testimonial), offset=at, limit=1, total=total)
    return (found[0].published_at, found[0].id) if found else None


def in_state(state: str | None = None) -> Sequence[Testimonial]:
    """Those in a state (default: all), the latest to arrive first. One query."""
    wanted = select(Testimonial).order_by(Testimonial.id.desc())
    return db.session.scalars(wanted.where(Testimonial.state == state) if state else wanted).all()


def matching(state: str) -> Select:
    """Those in a state, in no order yet."""
    return select(Testimonial).where(Testimonial.state == state)


def order_in(state: str) -> tuple[ColumnElement, ...]:
    """How staff read those in a state: the first to arrive first while they wait, else the newest day first."""
    if state == WAITING:
        return (Testimonial.id,)
    return Testimonial.published_at.desc(), Testimonial.id.desc()


def counts() -> dict[str, int]:
    """How many there are in each state, up to COUNTED. One query."""
    each = (select(Testimonial).where(Testimonial.state == state) for state in STATES)
    row = db.session.execute(select(*(counted(query, Testimonial.id, up_to=COUNTED) for query in each))).one()
    return dict(zip(STATES, row, strict=True))


def last_decisions(ids: Sequence[int]) -> dict[int, int]:
    """The number of the last decision on each of these. One query."""
    rows = db.session.execute(
        select(Decision.testimonial_id, func.max(Decision.id))
        .where(Decision.testimonial_id.in_(ids))
        .group_by(Decision.testimonial_id)
    )
    return {row.testimonial_id: row[1] for row in rows}


def next_waiting(after: int) -> Testimonial | None:
    """The one to decide on after number `after`: the next to have arrived, from the beginning again at the end.

    One query.
    """
    others = select(Testimonial).where(Testimonial.state == WAITING, Testimonial.id != after)
    return db.session.scalar(others.order_by(Testimonial.id < after, Testimonial.id).limit(1))


def group(testimonial: Testimonial, *, limit: int | None = None) -> Sequence[Testimonial]:
    """Its group of near-duplicates, itself included, the first to arrive first. One query."""
    first = testimonial.resembles_id or testimonial.id
    wanted = select(Testimonial).where((Testimonial.id == first) | (Testimonial.resembles_id == first))
    return db.session.scalars(wanted.order_by(Testimonial.id).limit(limit)).all()


def by_ids(ids: Sequence[int]) -> list[Testimonial]:
    """These, in the order asked for, locked until the transaction ends. Raises UnknownTestimonials. One query."""
    wanted = select(Testimonial).where(Testimonial.id.in_(set(ids))).order_by(Testimonial.id).with_for_update()
    as_locked = wanted.execution_options(populate_existing=True)
    found = {testimonial.id: testimonial for testimonial in db.session.scalars(as_locked)}
    if missing := set(ids) - set(found):
        raise UnknownTestimonials(missing)
    return [found[number] for number in dict.fromkeys(ids)]
