"""The clinic's line-up: the order of services and practitioners, what is retired, who leaves, what may be removed.

What has a history is never removed: addresses, mails and figures go on naming it. Verbs that may find nothing to
do tell whether they changed anything. Everything flushes and nothing commits.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from functools import partial

from sqlalchemy import exists, func, or_, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from .. import clock
from ..extensions import db
from ..text import folding
from . import profiles
from .models import (
    GIVEN_UP_SQL,
    HOLDS_ITS_TIME_SQL,
    UPCOMING,
    Appointment,
    AppointmentChange,
    OfferedTime,
    Practitioner,
    Service,
)
from .refusals import HasHistory
from .requests import WAITS_ON

LONGEST_SLUG = 100
OTHERS_AT_ONCE = 20  # who may take the same place in addresses before we have one
# "Anyone" stands in addresses where a practitioner does, and "all" on the command line.
TAKEN = {Practitioner: {"anyone", "all"}, Service: set()}


def all_services() -> list[Service]:
    """Those that can be booked in their order, then the retired ones; with who offers them. Two queries."""
    order = (Service.retired, Service.position, Service.id)
    return list(db.session.scalars(select(Service).options(selectinload(Service.practitioners)).order_by(*order)))


def all_practitioners() -> list[Practitioner]:
    """Those who work here in their order, then those who left; with their hours and services. Three queries."""
    with_them = (selectinload(Practitioner.hours), selectinload(Practitioner.services))
    everyone = select(Practitioner).options(*with_them).order_by(Practitioner.position, Practitioner.id)
    return sorted(db.session.scalars(everyone), key=has_left)


def has_left(practitioner: Practitioner) -> bool:
    """Whether their last day has passed."""
    return not practitioner.works_on(clock.today())


def add_service(name: str, *, offered_by: Iterable[Practitioner] | None = None, **columns) -> Service:
    """A new service, the last in the order, offered by these (default: all)."""
    made = _add(Service, name, columns)
    made.practitioners = profiles.practitioners() if offered_by is None else list(offered_by)
    db.session.flush()
    return made


def add_practitioner(name: str, *, offers: Iterable[Service] | None = None, **columns) -> Practitioner:
    """Someone new, the last in the order, who offers these services (default: all)."""
    made = _add(Practitioner, name, columns)
    made.services = profiles.services() if offers is None else list(offers)
    db.session.flush()
    return made


def _add(model, name: str, columns: dict):
    last = db.session.scalar(select(func.max(model.position))) or 0
    make = partial(model, name=name, position=last + 1, **columns)
    for _ in range(OTHERS_AT_ONCE):
        with suppress(IntegrityError):  # someone else took this place in addresses at this very moment
            return _stored(make(slug=_free_slug(model, name)))
    return _stored(make(slug=_free_slug(model, name)))


def _stored(thing):
    with db.session.begin_nested():
        db.session.add(thing)
    return thing


def _free_slug(model, name: str) -> str:
    """A name for addresses, made of the name; with a number behind it where another has it."""
    plain = folding.slug(name)[: LONGEST_SLUG - 10].strip("-") or model.__name__.lower()
    known = db.session.scalars(select(model.slug).where(model.slug.startswith(plain)))
    return folding.free_name(plain, TAKEN[model].union(known))


def move(thing: Service | Practitioner, *, places: int) -> bool:
    """Put it so many places down the list (up, where `places` is negative), as far as that goes.

    What is retired and who left have no place: they stay where they are.
    """
    order = profiles.services() if isinstance(thing, Service) else profiles.practitioners()
    if thing not in order:
        return False
    at = order.index(thing)
    to = max(0, min(len(order) - 1, at + places))
    order.insert(to, order.pop(at))
    for position, each in enumerate(order, start=1):
        each.position = position
    db.session.flush()
    return to != at


def retire(service: Service) -> bool:
    """Take it off the list of what can be booked; appointments that were made stay as they are."""
    return _change(service, retired=True)


def bring_back(service: Service) -> bool:
    """Let it be booked again, where it stood in the order."""
    return _change(service, retired=False)


def leave(practitioner: Practitioner, *, last_day: date) -> bool:
    """Let this be the last day that they work. Their appointments after it stay: see `stranding.by_leaving`."""
    return _change(practitioner, left_on=last_day)


def come_back(practitioner: Practitioner) -> bool:
    """They work here, without an end."""
    return _change(practitioner, left_on=None)


def change_photo(practitioner: Practitioner, name: str, *, alt: str) -> bool:
    """Show this picture of them, by its name in `media`; none, where both are empty."""
    return _change(practitioner, photo=name, photo_alt=alt)


def change_feed(practitioner: Practitioner, *, shows_names: bool) -> bool:
    """Let their calendar feed show patients' names, or only initials."""
    return _change(practitioner, feed_shows_names=shows_names)


def _change(thing: Service | Practitioner, **columns) -> bool:
    changes = any(getattr(thing, name) != value for name, value in columns.items())
    for name, value in columns.items():
        setattr(thing, name, value)
    db.session.flush()
    return changes


def upcoming_of(service: Service) -> int:
    """How many appointments of the service are still to come."""
    wanted = (Appointment.service_id == service.id, Appointment.status.in_(UPCOMING))
    return db.session.scalar(select(func.count()).where(*wanted, Appointment.starts_at > clock.now()))


def has_history(thing: Service | Practitioner) -> bool:
    """Whether appointments, whatever became of them, or offers of a time name it; or of appointments that are not
    long over, did before they were moved: patients may know of no other practitioner yet."""
    if isinstance(thing, Service):
        return db.session.scalar(select(exists().where(Appointment.service_id == thing.id)))
    named = (
        exists().where(Appointment.practitioner_id == thing.id, text(statuses))
        for statuses in (HOLDS_ITS_TIME_SQL, GIVEN_UP_SQL)
    )
    offered = exists().where(OfferedTime.practitioner_id == thing.id)
    before = exists().where(
        Appointment.status.in_(UPCOMING),
        Appointment.starts_at > clock.now() - WAITS_ON,
        AppointmentChange.appointment_id == Appointment.id,
        AppointmentChange.before["practitioner_id"].as_integer() == thing.id,
    )
    return db.session.scalar(select(or_(*named, offered, before)))


def remove(thing: Service | Practitioner) -> None:
    """Delete it as if it had never been there. Raises HasHistory."""
    if has_history(thing):
        raise HasHistory
    try:
        with db.session.begin_nested():
            db.session.delete(thing)
    except IntegrityError:  # booked at this very moment
        raise HasHistory from None
