"""Times that staff can offer: days from one on that have any, by staff's own rules."""

from datetime import date, datetime, timedelta

from ... import clock
from ...booking import availability
from ...booking.availability import Day, Openings, Slot
from ...booking.models import Appointment, Practitioner, Service

LOOKS_AHEAD = timedelta(days=27)
DAYS_SHOWN = 4
NEAREST = 4


def days(
    service: Service, practitioner: Practitioner | None, first: date, *, ignoring: Appointment | None = None
) -> list[Day]:
    """The next days from `first` (never the past) with free times, but for the one that `ignoring` has."""
    openings = _openings(service, practitioner, first, ignoring)
    found, day = [], openings.first - timedelta(days=1)
    while len(found) < DAYS_SHOWN and (day := openings.next_day(day)):
        found.append(openings.day(day))
    return found


def nearest(service: Service, practitioner: Practitioner | None, to: datetime) -> list[Slot]:
    """The free times nearest to an instant: what to offer instead."""
    week_before = clock.local(to).date() - timedelta(days=7)
    return _openings(service, practitioner, week_before).nearest(to, NEAREST)


def _openings(service, practitioner, first: date, ignoring: Appointment | None = None) -> Openings:
    first = max(first, clock.today())
    return availability.load(
        service,
        practitioner=practitioner,
        first=first,
        last=first + LOOKS_AHEAD,
        ignoring=ignoring,
        for_staff=True,
    )
