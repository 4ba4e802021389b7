"""Dated exceptions to weekly hours: time off, extra hours, closures; and when the clinic as a whole is closed.

Periods are half-open, aware instants in UTC. Everything flushes and nothing commits.
"""

from collections import defaultdict
from datetime import date, time

from sqlalchemy import bindparam, select

from .. import clock
from ..extensions import db
from ..times.opening import Exceptions
from ..times.periods import Period, merge, subtract, whole_day
from .closed_days import public_holidays
from .models import HoursException, Practitioner, WorkingHours

# Nearly every page asks this: the statement is made once, since making it takes longer than its execution.
_REACHING_IN = (
    select(
        HoursException.kind,
        HoursException.practitioner_id,
        Practitioner.left_on,
        HoursException.starts_at,
        HoursException.ends_at,
    )
    .outerjoin(Practitioner, Practitioner.id == HoursException.practitioner_id)
    .where(HoursException.ends_at > bindparam("start"), HoursException.starts_at < bindparam("end"))
)


def take_time_off(practitioner: Practitioner, period: Period, *, reason: str = "") -> HoursException:
    """The practitioner does not work then. Appointments that are there stay: see `stranding.by_absence`."""
    return _add("time_off", practitioner, period, reason)


def add_extra_hours(practitioner: Practitioner, period: Period, *, reason: str = "") -> HoursException:
    """The practitioner works then too, even on a public holiday."""
    return _add("extra_hours", practitioner, period, reason)


def close_clinic(period: Period, *, reason: str = "") -> HoursException:
    """Nobody works then. Appointments that are there stay: see `stranding.by_absence`."""
    return _add("closure", None, period, reason)


def remove(exception: HoursException) -> None:
    """Take time off, extra hours or a closure back. For what extra hours held see `stranding.by_removing`."""
    db.session.delete(exception)
    db.session.flush()


def exceptions_of(practitioner: Practitioner | None) -> list[HoursException]:
    """The practitioner's time off and extra hours, or the clinic's closures, that are not over, in order."""
    query = (
        select(HoursException)
        .where(HoursException.practitioner_id == (practitioner.id if practitioner else None))
        .where(HoursException.ends_at > clock.now())
        .order_by(HoursException.starts_at, HoursException.id)
    )
    return list(db.session.scalars(query))


def weekly(practitioners: list[Practitioner]) -> dict[int, dict[int, list[tuple[time, time]]]]:
    """The weekly hours of each, by their number and weekday (Monday 0), in order; one query."""
    query = select(WorkingHours).where(WorkingHours.practitioner_id.in_([person.id for person in practitioners]))
    found = {person.id: {day: [] for day in range(7)} for person in practitioners}
    for row in db.session.scalars(query.order_by(WorkingHours.starts)):
        found[row.practitioner_id][row.weekday].append((row.starts, row.ends))
    return found


def _add(kind: str, practitioner: Practitioner | None, period: Period, reason: str) -> HoursException:
    exception = HoursException(
        kind=kind,
        practitioner_id=practitioner and practitioner.id,
        starts_at=period.start,
        ends_at=period.end,
        reason=reason,
    )
    db.session.add(exception)
    db.session.flush()
    return exception


def exceptions(first: date, last: date) -> Exceptions:
    """Closures, public holidays, and the extra hours that somebody works, on the days `first` to `last`."""
    reach = between(first, last)
    closures, extra, off = [], defaultdict(list), defaultdict(list)
    rows = db.session.execute(_REACHING_IN, {"start": reach.start, "end": reach.end})
    for kind, person, left_on, start, end in rows:
        if kind == "closure":
            closures.append(Period(start, end))
        elif kind == "time_off":
            off[person].append(Period(start, end))
        else:
            last_instant = whole_day(left_on, clock.zone()).end if left_on else end
            extra[person].append(Period(start, min(end, last_instant)))
    holidays = public_holidays(first, last)
    worked = [period for person, theirs in extra.items() for period in subtract(theirs, closures + off[person])]
    closed = [*closures, *(whole_day(day, clock.zone()) for day in holidays)]
    return Exceptions(closed, extra=merge(worked), holidays=holidays)


def between(first: date, last: date) -> Period:
    """Whole days of the clinic's zone, `last` included."""
    return Period(whole_day(first, clock.zone()).start, whole_day(last, clock.zone()).end)
