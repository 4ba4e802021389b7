"""Finding testimonials, in a fixed number of queries whatever their number."""

from collections.abc import Sequence

from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from ..extensions import db
from .errors import UnknownTestimonials
from .models import PUBLISHED, Testimonial

PER_PAGE = 12
# Staff's own order first, then the newest.
ORDER = (
    Testimonial.position.is_(None),
    Testimonial.position,
    Testimonial.published_at.desc(),
    Testimonial.id.desc(),
)


def is_public() -> ColumnElement[bool]:
    """SQL: visitors see it. Samples are seen until there is a real one."""
    real = aliased(Testimonial)
    any_real = select(real.id).where(real.state == PUBLISHED, ~real.is_sample).exists()
    return (Testimonial.state == PUBLISHED) & (~Testimonial.is_sample | ~any_real)


def featured() -> Testimonial | None:
    """The one at the head of the page, if there is one. One query."""
    return db.session.scalar(select(Testimonial).where(Testimonial.is_featured, is_public()))


def published(page: int = 1) -> Pagination:
    """A page of those that visitors see, without the featured one; an empty page past the last. Two queries."""
    wanted = select(Testimonial).where(is_public(), ~Testimonial.is_featured)
    return db.paginate(wanted.order_by(*ORDER), page=page, per_page=PER_PAGE, error_out=False)


def voices(count: int = 3) -> Sequence[Testimonial]:
    """A few for the home page, the featured one first. One query."""
    wanted = select(Testimonial).where(is_public()).order_by(Testimonial.is_featured.desc(), *ORDER)
    return db.session.scalars(wanted.limit(count)).all()


def in_state(
    state: str | None = None, *, before: int | None = None, limit: int | None = None
) -> Sequence[Testimonial]:
    """Those in a state (default: all), the latest to arrive first; `before` is the last number seen. One query."""
    wanted = select(Testimonial).order_by(Testimonial.id.desc()).limit(limit)
    if state:
        wanted = wanted.where(Testimonial.state == state)
    if before is not None:
        wanted = wanted.where(Testimonial.id < before)
    return db.session.scalars(wanted).all()


def group(testimonial: Testimonial) -> Sequence[Testimonial]:
    """Its group of near-duplicates, itself included, the first to arrive first. One query."""
    first = testimonial.resembles_id or testimonial.id
    wanted = select(Testimonial).where((Testimonial.id == first) | (Testimonial.resembles_id == first))
    return db.session.scalars(wanted.order_by(Testimonial.id)).all()


def by_ids(ids: Sequence[int]) -> list[Testimonial]:
    """These, in the order asked for, locked until the transaction ends. Raises UnknownTestimonials. One query."""
    wanted = select(Testimonial).where(Testimonial.id.in_(set(ids))).order_by(Testimonial.id).with_for_update()
    found = {testimonial.id: testimonial for testimonial in db.session.scalars(wanted)}
    if missing := set(ids) - set(found):
        raise UnknownTestimonials(missing)
    return [found[number] for number in dict.fromkeys(ids)]
