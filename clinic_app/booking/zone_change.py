"""What another time zone (setting `timezone`) changes in the calendar.

Closures, time off and extra hours are meant by the clinic's clocks, as weekly hours are, and follow them. What
patients were told stays at its instant, which those clocks show as another time: whether patients come by the old
clocks or by the new ones, staff have to ask.
"""

from collections.abc import Iterator
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select

from .. import clock, site_marks
from ..extensions import db
from .models import UPCOMING, Appointment, HoursException

KNOWN, BEFORE = "time zone", "time zones before"


def known() -> str | None:
    """The zone that hours are in; None on a site that was never set up."""
    mark = site_marks.find(KNOWN)
    return mark and mark.value


def follow() -> str | None:
    """Have hours follow the clinic's clocks, where its zone is another by now; gives the one it was. Flushes."""
    was, here = known(), clock.zone()
    site_marks.keep(KNOWN, here.key)
    if was in (None, here.key):
        return None
    for exception in db.session.scalars(select(HoursException)):
        _move(exception, ZoneInfo(was), here)
    earlier = site_marks.find(BEFORE)
    lines = [earlier.value] if earlier else []
    site_marks.keep(BEFORE, "\n".join([*lines, f"{clock.now().isoformat()} {was}"]))
    return was


def told_otherwise() -> Iterator[tuple[Appointment, datetime]]:
    """Each appointment to come that is at another hour by the clinic's clocks than by those that it was told by,
    with its start on those, in order."""
    if not (mark := site_marks.find(BEFORE)):
        return
    lines = [line.split(" ") for line in mark.value.split("\n")]
    zones = [(datetime.fromisoformat(until), ZoneInfo(name)) for until, name in lines]
    query = select(Appointment).where(Appointment.status.in_(UPCOMING), Appointment.starts_at > clock.now())
    query = query.where(Appointment.told_at < zones[-1][0])
    for appointment in db.session.scalars(query.order_by(Appointment.starts_at, Appointment.id)):
        zone = next(zone for until, zone in zones if appointment.told_at < until)
        told = appointment.starts_at.astimezone(zone)
        if told.utcoffset() != clock.local(appointment.starts_at).utcoffset():
            yield appointment, told


def _move(exception: HoursException, was: ZoneInfo, here: ZoneInfo) -> None:
    starts, ends = (_same_hour(at, was, here) for at in (exception.starts_at, exception.ends_at))
    if starts < ends:  # not where clocks skip all of it
        exception.starts_at, exception.ends_at = starts, ends


def _same_hour(instant: datetime, was: ZoneInfo, here: ZoneInfo) -> datetime:
    """When clocks `here` show what those of the zone before show at the instant; a day begins as a day begins."""
    wall = instant.astimezone(was)
    at = time.min if clock.instant_of(wall.date(), in_zone=was) == instant else wall.time()
    return clock.instant_of(wall.date(), at, here)
