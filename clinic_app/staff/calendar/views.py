"""A day or a week, of all practitioners or of one."""

from datetime import date, datetime
from typing import NamedTuple

from flask import render_template, request, url_for

from ... import clock
from ...booking import agenda, changes
from ...booking.agenda import PractitionersDay
from ...booking.appointments import ARRIVES_FROM
from ...booking.models import Practitioner
from ...times.periods import ONE_DAY
from ...web.times import read_day
from . import access
from .area import bp
from .board import board_of


class Wanted(NamedTuple):
    """What the address asks for: a day, one of the views of it, and all people or one."""

    day: date
    view: str
    first: date
    last: date
    people: list[Practitioner]
    one: Practitioner | None

    @classmethod
    def of_request(cls) -> "Wanted":
        day = read_day(request.args.get("day")) or clock.today()
        view = "week" if request.args.get("view") == "week" else "day"
        first = day - ONE_DAY * day.weekday() if view == "week" else day
        last = first + ONE_DAY * 6 if view == "week" else day
        people = access.people_of(first, last)
        slug = request.args.get("practitioner")
        one = people[0] if len(people) == 1 else next((one for one in people if one.slug == slug), None)
        return cls(day, view, first, last, people, one)

    @property
    def shown(self) -> list[Practitioner]:
        return [self.one] if self.one else self.people

    @property
    def earlier(self) -> str:
        return self.url(day=self.first - ONE_DAY * (7 if self.view == "week" else 1))

    @property
    def later(self) -> str:
        return self.url(day=self.last + ONE_DAY)

    def url(self, **changes) -> str:
        """The calendar's address with something else in it; what is None is left out."""
        slug = self.one.slug if self.one and len(self.people) > 1 else None
        view = self.view if self.view == "week" else None
        return url_for("staff.calendar.index", **{"day": self.day, "view": view, "practitioner": slug} | changes)


@bp.get("")
def index():
    wanted = Wanted.of_request()
    days = agenda.load(wanted.shown, wanted.first, wanted.last) if wanted.shown else {}
    now, today = clock.now(), clock.today()
    context = {"wanted": wanted, "today": today, "now": now, "sees_all": access.sees_all()}
    if not wanted.shown:
        return render_template("staff/calendar/nobody.html", **context)
    lanes = [day for lanes in days.values() for day in lanes]
    context["counts"] = _counts(lanes, now)
    if wanted.view == "week" and wanted.one is None:
        return render_template("staff/calendar/week.html", days=days, **context)
    arriving = _arriving(lanes, today, now)
    return render_template("staff/calendar/board.html", board=board_of(lanes, now), arriving=arriving, **context)


def _arriving(days: list[PractitionersDay], today: date, now: datetime) -> dict[int, int]:
    """What somebody may be coming in for just now, with the last change of each: today's, from an hour before."""
    made = [one for day in days for one in day.appointments if one.starts_at - ARRIVES_FROM <= now]
    todays = [one for one in made if clock.local(one.starts_at).date() == today]
    return changes.latest({one.id for one in todays if one.status == "booked"})


def _counts(days: list[PractitionersDay], now: datetime) -> dict[str, int]:
    made = {one.id: one for day in days for one in day.appointments}
    return {
        "appointments": len(made),
        "requests": sum(one.standing == "requested" for one in made.values()),
        "free_minutes": sum(day.free_minutes(now) for day in days) // 5 * 5,
    }
