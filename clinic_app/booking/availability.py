"""When can this be booked? Reads all that decides it in four queries, then asks the pure functions of `slots`."""

import heapq
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from flask import current_app
from sqlalchemy import bindparam, or_, select, text

from .. import clock
from ..extensions import db
from ..times.periods import ONE_DAY, Period
from . import slots
from .closed_days import public_holidays
from .hours import between
from .models import (
    HOLDS_ITS_TIME_SQL,
    Appointment,
    HoursException,
    Offering,
    Practitioner,
    Service,
    WorkingHours,
)
from .slots import Diary, Rules

STAFF_HORIZON_DAYS = 800
NOBODY = 0  # no row has this number

# Made once, since making a statement takes longer than its execution.
_PEOPLE = bindparam("people", expanding=True)
_OFFERING = select(Offering.practitioner_id).where(Offering.service_id == bindparam("service"))
_WHO_OFFERS = (
    select(Practitioner)
    .where(or_(Practitioner.id.in_(_OFFERING), Practitioner.id == bindparam("own")))
    .where(Practitioner.works_on(bindparam("first")))
    .order_by(Practitioner.position, Practitioner.id)
)
_WEEKLY = select(WorkingHours.practitioner_id, WorkingHours.weekday, WorkingHours.starts, WorkingHours.ends).where(
    WorkingHours.practitioner_id.in_(_PEOPLE)
)
_EXCEPTIONS = select(
    HoursException.kind, HoursException.practitioner_id, HoursException.starts_at, HoursException.ends_at
).where(
    HoursException.ends_at > bindparam("start"),
    HoursException.starts_at < bindparam("end"),
    or_(HoursException.practitioner_id.in_(_PEOPLE), HoursException.practitioner_id.is_(None)),
)
_BUSY = select(Appointment.practitioner_id, Appointment.starts_at, Appointment.busy_until).where(
    Appointment.practitioner_id.in_(_PEOPLE),
    text(HOLDS_ITS_TIME_SQL),  # word for word, so that both databases use the partial index
    Appointment.starts_at > bindparam("start"),
    Appointment.starts_at < bindparam("end"),
    Appointment.id != bindparam("ignored"),
)
PARTS_OF_THE_DAY = (("Morning", time(12)), ("Afternoon", time(17)), ("Evening", time.max))


class Slot(NamedTuple):
    """A time that can be booked, and those who are free then, in the clinic's order.

    `at` is its start on the clinic's clocks.
    """

    starts_at: datetime
    ends_at: datetime
    practitioners: tuple[Practitioner, ...]
    at: datetime

    @property
    def part(self) -> str:
        """Morning, Afternoon or Evening."""
        at = self.at.time()
        return next(name for name, until in PARTS_OF_THE_DAY if at < until or until == time.max)


class Day(NamedTuple):
    """A day and its slots, in order."""

    date: date
    slots: tuple[Slot, ...]

    @property
    def parts(self) -> list[tuple[str, list[Slot]]]:
        """The slots grouped into morning, afternoon and evening; parts without any are left out."""
        found = defaultdict(list)
        for slot in self.slots:
            found[slot.part].append(slot)
        return list(found.items())


class Openings:
    """The times at which a service can be booked, of one practitioner or of anyone; made by `load`.

    Days are of the clinic's zone. Asking is arithmetic only: no method goes to the database. The time that the
    appointment `moving` has is no slot: there is nothing to move there.
    """

    def __init__(
        self,
        rules: Rules,
        diaries: list[tuple[Practitioner, Diary]],
        first: date,
        last: date,
        moving: Appointment | None = None,
    ):
        self.rules = rules
        self.diaries = diaries
        self.first = first
        self.last = last
        self._own = (moving.practitioner_id, moving.starts_at) if moving else None
        self._days: dict[date, Day] = {}  # those that were asked for: a page asks for the same several times

    def slots(self, first: date | None = None) -> Iterator[Slot]:
        """Slots in order, lazily, from the day `first` on (default: all that was loaded)."""
        first = max(first or self.first, self.first)
        for ahead in range((self.last - first).days + 1):
            yield from self.day(first + ONE_DAY * ahead).slots

    def day(self, day: date) -> Day:
        """One day's slots; none of a day that was not loaded."""
        if day not in self._days:
            self._days[day] = Day(day, tuple(self._slots(day)) if self.first <= day <= self.last else ())
        return self._days[day]

    def _slots(self, day: date) -> Iterator[Slot]:
        streams = (self._starts(order, diary, day) for order, (_, diary) in enumerate(self.diaries))
        for start, free in groupby(heapq.merge(*streams), key=lambda found: found[0]):
            who = tuple(self.diaries[order][0] for _, order in free)
            yield Slot(start, start + self.rules.length, who, start.astimezone(self.rules.zone))

    def _starts(self, order: int, diary: Diary, day: date) -> Iterator[tuple[datetime, int]]:
        who = self.diaries[order][0].id
        for start in slots.starts(diary, self.rules, day, day):
            if (who, start) != self._own:
                yield start, order

    @cached_property
    def soonest(self) -> Slot | None:
        """The first slot of all."""
        return next(self.slots(), None)

    def days(self, first: date, count: int = 7) -> list[Day]:
        """A week (or `count` days) from `first`, days without slots included."""
        return [self.day(first + ONE_DAY * n) for n in range(count)]

    def next_day(self, after: date) -> date | None:
        """The first day later than `after` that has a slot."""
        slot = next(self.slots(after + ONE_DAY), None)
        return slot.at.date() if slot else None

    def next_slots(self, limit: int = 3) -> list[Slot]:
        """The next slots worth offering first: at most one of each morning, afternoon and evening."""
        picks, seen = [], set()
        for slot in self.slots():
            when = (slot.at.date(), slot.part)
            if when not in seen:
                seen.add(when)
                picks.append(slot)
            if len(picks) == limit:
                break
        return picks

    def holds_until(self) -> datetime | None:
        """The last instant at which the first slot can be booked; None where there is none.

        Until then, or to the end of the day, no slot comes or goes by the clock alone.
        """
        return self.soonest and self.soonest.starts_at - self.rules.notice

    def nearest(self, to: datetime, limit: int = 3) -> list[Slot]:
        """The slots nearest in time to the instant `to`, in order: what to offer when that one has just gone."""
        near = heapq.nsmallest(limit, self.slots(), key=lambda slot: abs(slot.starts_at - to))
        return sorted(near, key=lambda slot: slot.starts_at)


def load(
    service: Service,
    *,
    practitioner: Practitioner | None = None,
    first: date | None = None,
    last: date | None = None,
    now: datetime | None = None,
    ignoring: Appointment | None = None,
    for_staff: bool = False,
) -> Openings:
    """The openings of a service with one practitioner, or with anyone who offers it; four queries.

    From the day `first` (default: today) to `last` (default: the last that can be booked), in the clinic's zone.
    `now` is an aware instant. `ignoring` leaves out an appointment that is about to move: it keeps its length, and
    may move though its service was retired since or its practitioner stopped offering it. Notice and horizon bind
    patients only: not `for_staff`. Nobody has openings after their last day.
    """
    rules = rules_of(service, now=now or clock.now())
    if ignoring:
        rules = rules._replace(length=ignoring.ends_at - ignoring.starts_at)
    if for_staff:
        rules = rules._replace(notice=timedelta(0), horizon_days=STAFF_HORIZON_DAYS)
    first = first or clock.local(rules.now).date()
    last = rules.last_day if last is None else last
    people = [] if service.retired and not ignoring else _who_offers(service, practitioner, first, ignoring)
    return Openings(rules, diaries(people, reach(first, last), ignoring=ignoring), first, last, moving=ignoring)


def reach(first: date, last: date) -> Period:
    """All that can decide on the days `first` to `last`: hours and appointments may cross midnight."""
    days = between(first, max(first, last))
    return Period(days.start - ONE_DAY, days.end + ONE_DAY)


def rules_of(service: Service, *, now: datetime) -> Rules:
    """The service's rules: its own, and the clinic's settings where it has none."""
    clinic = current_app.config["CLINIC"]

    def own(value, otherwise):
        return otherwise if value is None else value

    return Rules(
        now=now,
        zone=clock.zone(),
        length=timedelta(minutes=service.minutes),
        gap=timedelta(minutes=own(service.gap_minutes, clinic.appointment_gap_minutes)),
        step=timedelta(minutes=clinic.slot_step_minutes),
        notice=timedelta(minutes=own(service.notice_minutes, clinic.booking_notice_minutes)),
        horizon_days=own(service.horizon_days, clinic.booking_horizon_days),
    )


def _who_offers(service, practitioner, first: date, ignoring: Appointment | None) -> list[Practitioner]:
    own = ignoring.practitioner_id if ignoring else NOBODY
    people = db.session.scalars(_WHO_OFFERS, {"service": service.id, "first": first, "own": own})
    return [person for person in people if practitioner is None or person.id == practitioner.id]


def diaries(
    people: list[Practitioner], within: Period, *, ignoring: Appointment | None = None
) -> list[tuple[Practitioner, Diary]]:
    """Each practitioner with all that decides when they are free `within` a period; three queries."""
    ids = [person.id for person in people]
    if not ids:
        return []
    asked = {"people": ids, "start": within.start, "end": within.end}
    weekly = _grouped(_WEEKLY, {"people": ids})
    exceptions = _exceptions(asked)
    # `appointments_end_within_a_day`: nothing that began earlier reaches in.
    reaching_in = asked | {"start": within.start - ONE_DAY, "ignored": ignoring.id if ignoring else NOBODY}
    busy = _grouped(_BUSY, reaching_in)
    holidays = frozenset(public_holidays(clock.local(within.start).date(), clock.local(within.end).date()))
    return [
        (
            person,
            Diary(
                weekly=weekly[person.id],
                holidays=holidays,
                extra=exceptions["extra_hours", person.id],
                off=exceptions["time_off", person.id] + exceptions["closure", None],
                busy=[Period(*period) for period in busy[person.id]],
                last_day=person.left_on,
            ),
        )
        for person in people
    ]


def _grouped(query, values: dict) -> dict[int, list[tuple]]:
    """The rows by their first column."""
    found = defaultdict(list)
    for key, *rest in db.session.execute(query, values):
        found[key].append(tuple(rest))
    return found


def _exceptions(asked: dict) -> dict[tuple[str, int | None], list[Period]]:
    found = defaultdict(list)
    for kind, person, start, end in db.session.execute(_EXCEPTIONS, asked):
        found[kind, person].append(Period(start, end))
    return found
