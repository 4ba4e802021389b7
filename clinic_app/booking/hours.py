"""Dated exceptions to weekly hours: time off, extra hours, closures; and when the clinic as a whole is closed.

Periods are half-open, aware instants in UTC. Everything flushes and nothing commits.
"""

from datetime import UTC, date, datetime

from sqlalchemy import select, text

from .. import clock
from ..extensions import db
from .closed_days import public_holidays
from .models import HOLDS_ITS_TIME_SQL, Appointment, HoursException, Practitioner
from .periods import Period, whole_day


def take_time_off(practitioner: Practitioner, period: Period, *, reason: str = "") -> HoursException:
    """The practitioner does not work then. Appointments that are there stay: see `stranded`."""
    return _add("time_off", practitioner, period, reason)


def add_extra_hours(practitioner: Practitioner, period: Period, *, reason: str = "") -> HoursException:
    """The practitioner works then too, even on a public holiday."""
    return _add("extra_hours", practitioner, period, reason)


def close_clinic(period: Period, *, reason: str = "") -> HoursException:
    """Nobody works then. Appointments that are there stay: see `stranded`."""
    return _add("closure", None, period, reason)


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


def stranded(period: Period, *, practitioner: Practitioner | None = None) -> list[Appointment]:
    """The upcoming appointments that time off (of the practitioner) or a closure in this period would strand."""
    query = (
        select(Appointment)
        .where(text(HOLDS_ITS_TIME_SQL), Appointment.status != "fulfilled")
        .where(Appointment.starts_at < period.end, Appointment.ends_at > period.start)
        .order_by(Appointment.starts_at)
    )
    if practitioner is not None:
        query = query.where(Appointment.practitioner_id == practitioner.id)
    return list(db.session.scalars(query))


def closed(first: date, last: date) -> list[tuple[Period, str]]:
    """When the clinic is closed on the days from `first` to `last`, and why: closures and public holidays."""
    reach = Period(whole_day(first, clock.zone()).start, whole_day(last, clock.zone()).end)
    query = select(HoursException.starts_at, HoursException.ends_at, HoursException.reason).where(
        HoursException.kind == "closure",
        HoursException.ends_at > reach.start,
        HoursException.starts_at < reach.end,
    )
    found = [(Period(start, end), reason) for start, end, reason in db.session.execute(query)]
    found += [(whole_day(day, clock.zone()), name) for day, name in public_holidays(first, last).items()]
    return sorted(found)


def between(first: date, last: date) -> Period:
    """Whole days of the clinic's zone, `last` included."""
    return Period(whole_day(first, clock.zone()).start, whole_day(last, clock.zone()).end)


def upcoming(*, practitioner: Practitioner | None = None, now: datetime | None = None) -> list[Appointment]:
    """Requested and booked appointments from now on, in order."""
    far = Period(now or clock.now(), datetime.max.replace(tzinfo=UTC))
    return stranded(far, practitioner=practitioner)
