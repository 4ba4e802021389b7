"""What staff see of a day or a week: who works when, what is booked, what is free, and why somebody is away.

Days are of the clinic's zone; periods are instants, so that both days of a clock change come out right.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import exists, or_, select, text

from .. import clock
from ..extensions import db
from ..times.periods import ONE_DAY, Period, subtract, whole_day, within
from . import availability
from .closed_days import public_holidays
from .hours import between
from .listing import NEVER_MEANT
from .models import HOLDS_ITS_TIME, HOLDS_ITS_TIME_SQL, Appointment, HoursException, Practitioner
from .slots import Diary


class Item(NamedTuple):
    """A stretch of a practitioner's day, in order: an `appointment`, `free` time, or `away` with a `reason`."""

    kind: str
    period: Period
    appointment: Appointment | None = None
    reason: str = ""
    is_closure: bool = False

    @property
    def minutes(self) -> int:
        return (self.period.end - self.period.start) // timedelta(minutes=1)


class PractitionersDay(NamedTuple):
    """One practitioner's day: its `items` in order, and when they work.

    `freed` are appointments that do not hold their time, such as cancelled ones. `hours` are those of the week
    (see `Diary.hours`); `open` is what time off and closures leave of them.
    """

    practitioner: Practitioner
    date: date
    items: list[Item]
    freed: list[Appointment]
    hours: list[Period]
    open: list[Period]
    holiday: str = ""

    @property
    def appointments(self) -> list[Appointment]:
        return [item.appointment for item in self.items if item.appointment]

    @property
    def away(self) -> str:
        """Why they are away, as far as a reason was given."""
        away = next((item for item in self.items if item.kind == "away"), None)
        if away is None:
            return ""
        return away.reason or ("Closed" if away.is_closure else "Away")

    def free_minutes(self, now: datetime) -> int:
        """How much of the day is free from now on."""
        left = [Period(max(item.period.start, now), item.period.end) for item in self.items if item.kind == "free"]
        return sum((end - start) // timedelta(minutes=1) for start, end in left if start < end)


def people(first: date, last: date) -> list[Practitioner]:
    """Those who work here on one of the days, or have appointments then though they have left, in their order."""
    limits = between(first, last)
    expected = exists().where(
        Appointment.practitioner_id == Practitioner.id,
        text(HOLDS_ITS_TIME_SQL),
        Appointment.starts_at > limits.start - ONE_DAY,
        Appointment.starts_at < limits.end,
        Appointment.ends_at > limits.start,
    )
    here = Practitioner.works_on(first) | expected
    return list(
        db.session.scalars(select(Practitioner).where(here).order_by(Practitioner.position, Practitioner.id))
    )


def load(people: list[Practitioner], first: date, last: date) -> dict[date, list[PractitionersDay]]:
    """Each day from `first` to `last` with each of the practitioners, in their order; five queries."""
    reach = availability.reach(first, last)
    diaries = availability.diaries(people, reach)
    made, away = _appointments(people, reach), _away(people, reach)
    holidays = public_holidays(first, last)
    days = [first + ONE_DAY * n for n in range((last - first).days + 1)]
    return {
        day: [
            _days_of(person, diary, day, made[person.id], away[None] + away[person.id], holidays.get(day, ""))
            for person, diary in diaries
        ]
        for day in days
    }


def _appointments(people: list[Practitioner], reach: Period) -> dict[int, list[Appointment]]:
    """Theirs, by practitioner."""
    query = (
        select(Appointment)
        .where(Appointment.practitioner_id.in_([person.id for person in people]))
        .where(Appointment.starts_at > reach.start - ONE_DAY, Appointment.starts_at < reach.end, ~NEVER_MEANT)
        .order_by(Appointment.starts_at, Appointment.id)
    )
    found = defaultdict(list)
    for appointment in db.session.scalars(query):
        found[appointment.practitioner_id].append(appointment)
    return found


def _away(people: list[Practitioner], reach: Period) -> dict[int | None, list[HoursException]]:
    query = (
        select(HoursException)
        .where(HoursException.kind != "extra_hours")
        .where(HoursException.ends_at > reach.start, HoursException.starts_at < reach.end)
        .where(
            or_(
                HoursException.practitioner_id.is_(None),
                HoursException.practitioner_id.in_([person.id for person in people]),
            )
        )
        .order_by(HoursException.starts_at, HoursException.id)
    )
    found = defaultdict(list)
    for exception in db.session.scalars(query):
        found[exception.practitioner_id].append(exception)
    return found


def _days_of(person, diary: Diary, day: date, made: list[Appointment], away, holiday: str) -> PractitionersDay:
    limits = whole_day(day, clock.zone())
    hours = diary.hours(day, day, clock.zone())
    todays = within(hours, limits)
    here = [one for one in made if one.period.overlaps(limits)]
    busy = [Period(one.starts_at, one.busy_until) for one in made if one.status in HOLDS_ITS_TIME]
    opened = subtract(todays, diary.off)
    items = [Item("appointment", one.period, one) for one in here if one.status in HOLDS_ITS_TIME]
    items += [Item("free", period) for period in subtract(opened, busy)]
    items += _absences(away, todays, busy)
    return PractitionersDay(
        practitioner=person,
        date=day,
        items=sorted(items, key=lambda item: item.period),
        freed=[one for one in here if one.status not in HOLDS_ITS_TIME and one.starts_at >= limits.start],
        hours=hours,
        open=opened,
        holiday="" if opened else holiday,
    )


def _absences(away: list[HoursException], hours: list[Period], busy: list[Period]) -> list[Item]:
    """Closures and time off from the first to the last of the day's hours, around the appointments in them."""
    if not hours:
        return []
    worked, taken, items = Period(hours[0].start, hours[-1].end), list(busy), []
    for exception in away:
        items += [
            Item("away", part, reason=exception.reason, is_closure=exception.kind == "closure")
            for part in subtract(within([exception.period], worked), taken)
        ]
        taken.append(exception.period)
    return items
