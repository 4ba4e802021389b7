"""A week of times to choose from."""

from datetime import date, timedelta
from typing import NamedTuple

from .. import clock
from ..booking.availability import Day, Openings, Slot
from ..booking.closed_days import public_holidays

WEEK = timedelta(days=7)


class WeekDay(NamedTuple):
    """A day: its times by parts of the day; without any, the holiday it is and the next day with some."""

    date: date
    parts: list[tuple[str, list[Slot]]]
    count: int
    holiday: str
    next_day: date | None


class Week(NamedTuple):
    """Days in a row, the next times worth offering first, and where earlier and later times begin."""

    days: list[WeekDay]
    picks: list[Slot]
    earlier: date | None
    later: date | None

    @property
    def open_day(self) -> date | None:
        """The first day that has times."""
        return next((day.date for day in self.days if day.count), None)

    @property
    def in_words(self) -> str:
        """`Mon 12 Apr to Sun 18 Apr`; one day is said once."""
        ends = dict.fromkeys((self.days[0].date, self.days[-1].date))
        return " to ".join(clock.format_day(day, year=False) for day in ends)

    @property
    def zone(self) -> str:
        """What the clinic's zone is called at this week's times: `AEDT`, or `AEDT, from Sun 4 Apr AEST`.

        Empty where there are no times.
        """
        times = [slot.starts_at for day in self.days for _, slots in day.parts for slot in slots]
        if not times:
            return ""
        before, after = clock.zone_name(times[0]), clock.zone_name(times[-1])
        if before == after:
            return before
        change = clock.change_between(times[0], times[-1], clock.zone())
        return f"{before}, from {clock.format_day(change, year=False)} {after}"

    def holds(self, day: date) -> bool:
        return self.days[0].date <= day <= self.days[-1].date


def week_of(openings: Openings, wanted: date | None = None) -> Week:
    """The week from the day `wanted` (default: the first that has a time) of openings that begin today."""
    today, last = openings.first, openings.rules.last_day
    soonest_day = openings.soonest.at.date() if openings.soonest else None
    first = min(max(wanted or soonest_day or today, today), max(today, last))
    days = openings.days(first, min(7, max(1, (last - first).days + 1)))
    next_day = openings.next_day(days[-1].date)
    later = next_day and (next_day if next_day >= first + 2 * WEEK else first + WEEK)
    return Week(
        days=_week_days(days, next_day),
        picks=openings.next_slots(),
        earlier=max(first - WEEK, soonest_day) if soonest_day and soonest_day < first else None,
        later=later,
    )


def _week_days(days: list[Day], next_day: date | None) -> list[WeekDay]:
    holidays = public_holidays(days[0].date, days[-1].date)
    found = []
    for day in reversed(days):
        found.append(
            WeekDay(
                date=day.date,
                parts=day.parts,
                count=len(day.slots),
                holiday=holidays.get(day.date, ""),
                next_day=next_day,
            )
        )
        next_day = day.date if day.slots else next_day
    return found[::-1]
