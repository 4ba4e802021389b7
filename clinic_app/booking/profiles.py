"""Who sees patients and what they offer: the lists that pages show, and saving them."""

from collections.abc import Iterable
from datetime import date, time
from functools import cache

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from .. import clock
from ..extensions import db
from ..text import markup
from . import notices
from .models import Practitioner, Service, WorkingHours

# A service's own rules, where they differ from the clinic's: the least and the most that each can be.
OWN_RULES = {
    "gap_minutes": (0, 240),
    "notice_minutes": (0, 14 * 24 * 60),
    "horizon_days": (0, 400),
    "cutoff_hours": (0, 14 * 24),
}
# Made once, since making a statement takes longer than its execution.
_PRACTITIONER = select(Practitioner).where(Practitioner.slug == bindparam("slug"))
MINUTES = (5, 720)  # the shortest and the longest service
# Hours by weekday (Monday 0), on the clinic's clocks. An end at or before its start is on the next day.
Week = dict[int, Iterable[tuple[time, time]]]


class NotFound(LookupError):
    """No practitioner or service has this slug (or it is of the past)."""


def practitioners(*, on: date | None = None) -> list[Practitioner]:
    """Those who work at the clinic on the day `on` (default: today, in the clinic's zone), in their order."""
    here = Practitioner.works_on(on or clock.today())
    query = select(Practitioner).where(here).order_by(Practitioner.position, Practitioner.id)
    return list(db.session.scalars(query))


def services() -> list[Service]:
    """The services that can be booked, in their order."""
    query = select(Service).where(~Service.retired).order_by(Service.position, Service.id)
    return list(db.session.scalars(query))


def practitioner(slug: str) -> Practitioner:
    """The practitioner, also one who left. Raises NotFound."""
    return _found(_PRACTITIONER, slug)


def service(slug: str) -> Service:
    """The service, also a retired one, with who offers it. One query; raises NotFound."""
    return _found(_service(), slug)


@cache
def _service():
    of_slug = select(Service).where(Service.slug == bindparam("slug"))
    return of_slug.options(joinedload(Service.practitioners))


def _found(query, slug: str):
    if found := db.session.scalars(query, {"slug": slug}).unique().one_or_none():
        return found
    raise NotFound(slug)


def bio(markdown: str) -> dict[str, str]:
    """A bio's columns: as written, and the safe HTML of it. Takes a while, so do it before the transaction."""
    return {"bio": markdown, "bio_as_html": markup.render(markdown).html}


def description(markdown: str) -> dict[str, str]:
    """A service's description as columns; see `bio`."""
    return {"description": markdown, "description_as_html": markup.render(markdown).html}


def save_practitioner(
    slug: str,
    *,
    hours: Week | None = None,
    offers: Iterable[Service] | None = None,
    **columns,
) -> Practitioner:
    """Make the practitioner, or change the one with this slug; what is not given stays as it was.

    `hours` are the whole week. Someone new who is not said to offer certain services `offers` all of them. Notices
    that have not gone out to another email address go to the new one.
    """
    old_email = db.session.scalar(select(Practitioner.email).filter_by(slug=slug))
    found, is_new = _get_or_make(Practitioner, slug, columns)
    if offers is not None:
        found.services = list(offers)
    elif is_new:
        found.services = services()
    if hours is not None:
        set_hours(found, hours)
    db.session.flush()
    if old_email and old_email != found.email:
        notices.practitioner_readdressed(found, was=old_email)
    return found


def save_service(slug: str, *, offered_by: Iterable[Practitioner] | None = None, **columns) -> Service:
    """Make the service, or change the one with this slug; what is not given stays as it was.

    A new service that is not said to be `offered_by` certain practitioners is offered by all of them.
    """
    found, is_new = _get_or_make(Service, slug, columns)
    if offered_by is not None:
        found.practitioners = list(offered_by)
    elif is_new:
        found.practitioners = practitioners()
    db.session.flush()
    return found


def _get_or_make(model, slug: str, columns: dict):
    found = db.session.scalar(select(model).filter_by(slug=slug))
    is_new = found is None
    if is_new:
        found = model(slug=slug)
        db.session.add(found)
    for name, value in columns.items():
        setattr(found, name, value)
    return found, is_new


def set_hours(practitioner: Practitioner, week: Week) -> None:
    """Replace the practitioner's weekly hours. Unchanged hours keep their rows."""
    wanted = {(day, starts, ends) for day, periods in week.items() for starts, ends in periods}
    kept = [row for row in practitioner.hours if (row.weekday, row.starts, row.ends) in wanted]
    there = {(row.weekday, row.starts, row.ends) for row in kept}
    if len(kept) < len(practitioner.hours):
        practitioner.hours = kept
        db.session.flush()  # what goes, goes first: two periods of a day never start together
    for weekday, starts, ends in sorted(wanted - there):
        practitioner.hours.append(WorkingHours(weekday=weekday, starts=starts, ends=ends))
