"""Figures of appointments: how many a week, how many were missed, and which hours are busiest.

An appointment counts in the week and hour in which it starts, on the clinic's clocks. The databases count
(see times.weeks), and past weeks of all practitioners are kept (times.kept_weeks); what is added up here
is one number per week or hour.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Row, func, select

from .. import clock
from ..extensions import db
from ..times import kept_weeks
from ..times.weeks import Weeks
from .listing import NEVER_MEANT
from .models import Appointment, AppointmentWeek, Practitioner

NOT_CANCELLED = ("requested", "booked", "fulfilled", "noshow")
ALL = (*NOT_CANCELLED, "cancelled")
HOURS_A_WEEK = 7 * 24


class Week(NamedTuple):
    """The appointments of the week that begins on `monday`.

    `came` are those arrived, and those whose time is over and of which nobody has said otherwise. `unanswered`
    are requests whose time passed.
    """

    monday: date
    came: int = 0
    missed: int = 0
    to_come: int = 0
    unanswered: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """All that were not cancelled."""
        return self.came + self.missed + self.to_come + self.unanswered

    @property
    def over(self) -> int:
        """Those of which it is known whether the patient came."""
        return self.came + self.missed

    @property
    def missed_share(self) -> float | None:
        """Missed ones of those that are over, 0 to 1; None where none is over."""
        return self.missed / self.over if self.over else None


class BusyHours(NamedTuple):
    """How many appointments start in each hour of the week; `counts[0]` is Monday's first hour."""

    counts: tuple[int, ...]

    def at(self, weekday: int, hour: int) -> int:
        return self.counts[24 * weekday + hour]

    @property
    def most(self) -> int:
        return max(self.counts)

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def hours(self) -> range:
        """The hours of the day from the first that has an appointment to the last."""
        busy = [number % 24 for number, count in enumerate(self.counts) if count]
        return range(min(busy), max(busy) + 1) if busy else range(0)

    @property
    def busiest(self) -> list[tuple[int, int]]:
        """(weekday, hour) of each hour with the most appointments; none where there are no appointments."""
        return [divmod(at, 24) for at, count in enumerate(self.counts) if count == self.most > 0]


def by_week(weeks: Weeks, *, practitioner: Practitioner | None = None) -> list[Week]:
    """Appointments of each of the weeks, of one practitioner or of all."""
    now = clock.now()
    kept = {} if practitioner else kept_weeks.of(AppointmentWeek, weeks, AppointmentWeek.statuses, now=now)
    rows = [(week, status, True, count) for week, row in kept.items() for status, count in row.statuses.items()]
    for first, part in kept_weeks.others(weeks, kept):
        rows += ((first + week, *rest) for week, *rest in by_status(part, now, practitioner))
    return added_up(weeks.mondays, rows)


def by_status(weeks: Weeks, now: datetime, practitioner: Practitioner | None = None) -> Sequence[Row]:
    """(week, status, whether its start has passed, count), as the database counts them.

    Undoing a making changes its status too, which takes a kept week away.
    """
    number, over = weeks.number(Appointment.starts_at).label("week"), (Appointment.starts_at <= now).label("over")
    query = select(number, Appointment.status, over, func.count()).group_by("week", Appointment.status, "over")
    return db.session.execute(query.where(*_among(weeks, ALL, practitioner), ~NEVER_MEANT)).all()


def added_up(mondays: list[date], rows: Iterable[tuple[int, str, bool, int]]) -> list[Week]:
    """The weeks' figures from (week, status, whether its start has passed, count)."""
    found = [{} for _ in mondays]
    for week, status, over, count in rows:
        part = _part_of(status, over)
        found[week][part] = found[week].get(part, 0) + count
    return [Week(monday, **parts) for monday, parts in zip(mondays, found, strict=True)]


def _part_of(status: str, over: bool) -> str:
    known = {"fulfilled": "came", "noshow": "missed", "cancelled": "cancelled"}
    if not over:
        return known.get(status, "to_come")
    return known.get(status, "came" if status == "booked" else "unanswered")


def busy_hours(weeks: Weeks, *, practitioner: Practitioner | None = None) -> BusyHours:
    """The hours of the week in which the appointments of these weeks start."""
    columns = (AppointmentWeek, weeks, AppointmentWeek.hours)
    kept = {} if practitioner else kept_weeks.of(*columns, now=clock.now())
    counts = Counter()
    for row in kept.values():
        counts.update(dict(row.hours))
    for _, part in kept_weeks.others(weeks, kept):
        counts.update(dict(by_hour(part, practitioner)))
    return BusyHours(tuple(counts[number] for number in range(HOURS_A_WEEK)))


def by_hour(weeks: Weeks, practitioner: Practitioner | None = None) -> list[tuple[int, int]]:
    """(hour of the week, count) of those that were not cancelled, as the database counts them."""
    hour = weeks.hour(Appointment.starts_at).label("hour")
    query = select(hour, func.count()).where(*_among(weeks, NOT_CANCELLED, practitioner)).group_by("hour")
    return [tuple(row) for row in db.session.execute(query)]


def _among(weeks: Weeks, statuses: tuple[str, ...], practitioner: Practitioner | None) -> list:
    # All statuses are named even where all are meant: the index is by status, then start.
    wanted = [Appointment.status.in_(statuses), weeks.hold(Appointment.starts_at)]
    return [*wanted, Appointment.practitioner_id == practitioner.id] if practitioner else wanted
