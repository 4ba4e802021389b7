"""Which appointments a change of hours would strand: to come, within hours now, and outside them afterwards.

What is asked before a change locks the practitioners, so that its answer holds until the transaction ends: whoever
books meanwhile waits, and then reads the new hours.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter

from sqlalchemy import Select, select

from .. import clock, content_version
from ..extensions import db
from ..times.periods import ONE_DAY, Period, covering, subtract
from . import availability, hours, listing
from .locks import lock_practitioners
from .models import Appointment, HoursException, Practitioner
from .profiles import Week
from .slots import Diary

LOOKS_AHEAD = timedelta(days=14)


def by_weekly_hours(practitioner: Practitioner, week: Week) -> list[Appointment]:
    """What would be stranded if these became the practitioner's weekly hours: see `profiles.set_hours`."""
    weekly = [(day, starts, ends) for day, periods in week.items() for starts, ends in periods]
    return _stranded(practitioner, lambda diary: replace(diary, weekly=weekly))


def by_leaving(practitioner: Practitioner, last_day: date) -> list[Appointment]:
    """What would be stranded if this were the last day that the practitioner works: all that comes after it.

    What an override had put outside hours is among it.
    """
    after = Period(hours.between(last_day, last_day).end, datetime.max.replace(tzinfo=UTC))
    return by_absence(after, practitioner=practitioner)


def by_removing(exception: HoursException) -> list[Appointment]:
    """What would be stranded without these extra hours; taking time off or a closure back strands nobody."""
    if exception.kind != "extra_hours":
        return []

    def without(diary: Diary) -> Diary:
        extra = list(diary.extra)
        if exception.period in extra:  # once: there may be a second one like it
            extra.remove(exception.period)
        return replace(diary, extra=extra)

    return _stranded(db.session.get(Practitioner, exception.practitioner_id), without)


def by_absence(period: Period, *, practitioner: Practitioner | None = None) -> list[Appointment]:
    """What would be stranded by time off of the practitioner, or else by a closure, in this period."""
    lock_practitioners([practitioner.id] if practitioner else list(db.session.scalars(select(Practitioner.id))))
    start = max(period.start, clock.now())
    if start >= period.end:
        return []
    return listing.upcoming_in(Period(start, period.end), practitioner=practitioner)


def outside_hours(people: list[Practitioner]) -> list[Appointment]:
    """The appointments to come that lie outside hours: stranded by a change, or put there by an override."""
    ids = {person.id for person in people}
    return _outside(people, [made for made in listing.upcoming() if made.practitioner_id in ids])


def is_stranded(appointment: Appointment, *, now: datetime) -> bool:
    """Whether it is to come and lies outside hours by now, where no override put it; three queries."""
    if not appointment.is_upcoming or appointment.override or appointment.starts_at <= now:
        return False
    return bool(_outside([appointment.practitioner], [appointment]))


def waiting(*, practitioner_id: int | None) -> Select:
    """The query of what is booked for the next two weeks and stranded, of one practitioner or of all.

    Which those are takes six queries to find out, once until hours, practitioners or appointments change.
    """
    now = clock.now()
    today = clock.local(now).date()
    outside = content_version.kept(("outside hours", today), lambda: _booked_outside(today))
    query = select(Appointment).where(
        Appointment.id.in_(outside), Appointment.override.is_(None), Appointment.starts_at > now
    )
    return query if practitioner_id is None else query.where(Appointment.practitioner_id == practitioner_id)


def _booked_outside(today: date) -> list[int]:
    """The numbers of what is booked outside hours from today on, agreed or not: overrides change no version."""
    near = hours.between(today, today + LOOKS_AHEAD)
    booked = db.session.execute(
        select(Appointment.id, Appointment.practitioner_id, Appointment.starts_at, Appointment.ends_at)
        .where(
            Appointment.status == "booked", Appointment.starts_at >= near.start, Appointment.starts_at < near.end
        )
        .order_by(Appointment.starts_at)
    ).all()
    whose = select(Practitioner).where(Practitioner.id.in_({made.practitioner_id for made in booked}))
    return [made.id for made in _outside(list(db.session.scalars(whose)), booked)]


def _outside(people: list[Practitioner], made: Sequence) -> list:
    """Which of these, in order, lie outside the hours of the people whose they are."""
    found = []
    for person, diary, first, last in _diaries(people, made):
        opened = _open(diary, first, last)
        theirs = [one for one in made if one.practitioner_id == person.id]
        found += [one for one in theirs if not covering(opened, Period(one.starts_at, one.ends_at))]
    return sorted(found, key=attrgetter("starts_at", "id"))


def _stranded(practitioner, change: Callable[[Diary], Diary]) -> list[Appointment]:
    lock_practitioners([practitioner.id])
    upcoming = listing.upcoming(practitioner=practitioner)
    for _, diary, first, last in _diaries([practitioner], upcoming):
        before, after = _open(diary, first, last), _open(change(diary), first, last)
        return [made for made in upcoming if covering(before, made.period) and not covering(after, made.period)]
    return []


def _diaries(people: list[Practitioner], upcoming: Sequence):
    """Each practitioner's diary over the days of these appointments, with the first and the last of those days."""
    if not upcoming:
        return
    first, last = (clock.local(at).date() for at in (upcoming[0].starts_at, upcoming[-1].starts_at))
    reach = hours.between(first - ONE_DAY, last + ONE_DAY)
    for person, diary in availability.diaries(people, reach):
        yield person, diary, first, last


def _open(diary: Diary, first: date, last: date) -> list[Period]:
    return subtract(diary.hours(first, last, clock.zone()), diary.off)
