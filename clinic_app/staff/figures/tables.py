"""Each figure whole: its chart, the sentence that says what it shows, and the table that stands behind both."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import zip_longest
from typing import NamedTuple

from markupsafe import Markup

from ... import checks, clock
from ...booking import figures as booking
from ...csv_files import Cell
from ...enquiries import figures as enquiries
from ...lists.counting import how_many
from ...web import charts
from ...web.charts import Column, Dot
from .asked import Asked

Value = date | int | float | timedelta | str | None
DAYS = [day.title() for day in checks.DAYS]
A_YEAR = 53  # weeks


class Figure(NamedTuple):
    """`name` is that of its file, `said` its result in a sentence, `meaning` what is counted.

    Shares are floats from 0 to 1. `legend` explains the parts of bars: (kind, words).
    """

    name: str
    title: str
    said: str
    meaning: str
    chart: Markup
    header: Sequence[str]
    rows: Sequence[Sequence[Value]]
    legend: Sequence[tuple[str, str]] = ()

    @property
    def file_header(self) -> list[str]:
        """The header, with the unit where the file has plain numbers."""
        units = {timedelta: " (hours)", float: " (share)"}
        kinds = [next((type(v) for v in column if v is not None), str) for column in zip(*self.rows, strict=True)]
        return [name + units.get(kind, "") for name, kind in zip_longest(self.header, kinds)]

    def file_rows(self) -> Iterator[list[Cell]]:
        """Waits as hours, shares as numbers: a spreadsheet goes on from there."""
        return ([_for_file(value) for value in row] for row in self.rows)

    def shown_rows(self) -> list[list[str]]:
        return [[shown(value) for value in row] for row in self.rows]


def appointments(asked: Asked) -> Figure:
    return _appointments(asked, booking.by_week(asked.weeks, practitioner=asked.practitioner))


def no_shows(asked: Asked) -> Figure:
    return _no_shows(asked, booking.by_week(asked.weeks, practitioner=asked.practitioner))


def enquiries_a_week(asked: Asked) -> Figure:
    return _enquiries(asked, enquiries.of(asked.weeks).weeks)


def first_answers(asked: Asked) -> Figure:
    return _first_answers(asked, enquiries.of(asked.weeks).weeks)


def busy_hours(asked: Asked) -> Figure:
    return _busy_hours(booking.busy_hours(asked.weeks, practitioner=asked.practitioner))


FIGURES: dict[str, Callable[[Asked], Figure]] = {
    "appointments-a-week": appointments,
    "no-shows": no_shows,
    "enquiries-a-week": enquiries_a_week,
    "first-answers": first_answers,
    "busy-hours": busy_hours,
}


def all_of(asked: Asked) -> tuple[list[tuple[str, str]], list[Figure]]:
    """(what stands on top, all figures), in a few queries, and more for each stretch between kept weeks."""
    weeks = booking.by_week(asked.weeks, practitioner=asked.practitioner)
    came = enquiries.of(asked.weeks)
    over = sum(week.over for week in weeks)
    summary = [
        ("Appointments", f"{sum(week.total for week in weeks):,}"),
        ("No-shows", shown(sum(week.missed for week in weeks) / over if over else None)),
        ("Enquiries", f"{sum(week.received for week in came.weeks):,}"),
        ("Half are answered within", shown(came.waits.half)),
    ]
    return summary, [
        _appointments(asked, weeks),
        _no_shows(asked, weeks),
        _enquiries(asked, came.weeks),
        _first_answers(asked, came.weeks),
        busy_hours(asked),
    ]


def shown(value: Value) -> str:
    """As people read it."""
    if value is None:
        return "–"
    if isinstance(value, timedelta):
        return waited(value)
    if isinstance(value, date):
        return clock.format_day(value)
    if isinstance(value, float):
        return f"{value:.1%}" if 0 < value < 0.1 else f"{value:.0%}"
    return f"{value:,}" if isinstance(value, int) else value


def waited(time: timedelta) -> str:
    """`45 min`, `3 h 20 min`, `2 days 4 h`: two units at most."""
    minutes = round(time.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return how_many(days, "day") + (f" {hours} h" if hours else "")
    parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes or not hours else "")
    return " ".join(part for part in parts if part)


def _appointments(asked: Asked, weeks: list[booking.Week]) -> Figure:
    title, said = "Appointments a week", _most(weeks, "appointments", lambda week: week.total)
    parts = (("came", "Came"), ("missed", "Did not come"), ("to-come", "To come"))
    columns = [
        Column(
            _named(asked, w.monday),
            f"{_week(w.monday)}: {w.total:,}",
            (w.came, w.missed, w.to_come + w.unanswered),
        )
        for w in weeks
    ]
    name = "appointments-a-week"
    return Figure(
        name=name,
        title=title,
        said=said,
        meaning="By the week in which they start. Cancelled ones are left out.",
        chart=charts.bars(name, title, said, columns, [kind for kind, _ in parts]),
        legend=parts,
        header=("Week from", "Appointments", "Came", "Did not come", "To come", "Never answered", "Cancelled"),
        rows=[(w.monday, w.total, w.came, w.missed, w.to_come, w.unanswered, w.cancelled) for w in weeks],
    )


def _no_shows(asked: Asked, weeks: list[booking.Week]) -> Figure:
    title, name = "No-shows", "no-shows"
    over, missed = sum(week.over for week in weeks), sum(week.missed for week in weeks)
    said = "No appointment is over yet."
    if over and not missed:
        said = "No appointment was missed."
    elif over:
        said = f"{missed:,} of {how_many(over, 'appointment')} {'was' if missed == 1 else 'were'} missed."
    marks = [
        Dot(_named(asked, w.monday), f"{_week(w.monday)}: {w.missed:,} of {w.over:,}", w.missed_share)
        for w in weeks
    ]
    return Figure(
        name=name,
        title=title,
        said=said,
        meaning="Of the appointments whose time is over. One that nobody has marked counts as kept.",
        chart=charts.dots(name, title, said, marks, write="{:.0%}".format, short="{:.0%}".format, joined=True),
        header=("Week from", "Over", "Did not come", "No-shows"),
        rows=[(w.monday, w.over, w.missed, w.missed_share) for w in weeks],
    )


def _enquiries(asked: Asked, weeks: list[enquiries.Week]) -> Figure:
    title, name = "Enquiries a week", "enquiries-a-week"
    said = _most(weeks, "enquiries", lambda week: week.received)
    columns = [Column(_named(asked, w.monday), f"{_week(w.monday)}: {w.received:,}", (w.received,)) for w in weeks]
    return Figure(
        name=name,
        title=title,
        said=said,
        meaning="By the week in which they came. Spam is left out.",
        chart=charts.bars(name, title, said, columns, ["came"]),
        header=("Week from", "Enquiries", "Spam"),
        rows=[(w.monday, w.received, w.spam) for w in weeks],
    )


def _first_answers(asked: Asked, weeks: list[enquiries.Week]) -> Figure:
    title, name = "Time to first answer", "first-answers"
    waiting = sum(week.unanswered for week in weeks)
    answered = sum(week.waits.answered for week in weeks)
    said = "There were no enquiries."
    if answered or waiting:
        were, were_not = ("was" if number == 1 else "were" for number in (answered, waiting))
        said = f"{how_many(answered, 'enquiry', 'enquiries')} {were} answered, {waiting:,} {were_not} not."
    most = max((w.waits.most for w in weeks if w.waits.most), default=timedelta())
    unit, hours = ("days", 24) if most > timedelta(days=3) else ("h", 1)

    def long(wait: timedelta | None) -> float | None:
        return None if wait is None else wait / timedelta(hours=hours)

    marks = [
        Dot(
            _named(asked, w.monday),
            f"{_week(w.monday)}: half within {shown(w.waits.half)}, nine of ten within {shown(w.waits.most)}",
            long(w.waits.half),
            long(w.waits.most),
        )
        for w in weeks
    ]
    return Figure(
        name=name,
        title=title,
        said=said,
        meaning="Half of a week’s enquiries were answered by the dot, nine of ten by the end of the line. "
        "Nights and weekends count.",
        chart=charts.dots(name, title, said, marks, write=f"{{:g}} {unit}".format, short="{:.2g}".format),
        header=("Week from", "Answered", "Not answered", "Half within", "Nine of ten within"),
        rows=[(w.monday, w.waits.answered, w.unanswered, w.waits.half, w.waits.most) for w in weeks],
    )


def _busy_hours(hours: booking.BusyHours) -> Figure:
    title, name = "Busiest hours", "busy-hours"
    said = "There were no appointments."
    if len(hours.busiest) > 1:
        said = "No hour stands out."
    elif hours.busiest:
        ((day, hour),) = hours.busiest
        between = f"{_hour(hour)} and {_hour(hour + 1)}"
        said = f"Most appointments ({hours.most:,}) start on {DAYS[day]}s between {between}."
    rows = [(_hour(hour), [hours.at(day, hour) for day in range(7)]) for hour in hours.hours]
    return Figure(
        name=name,
        title=title,
        said=said,
        meaning="Appointments by the hour in which they start, over all these weeks. Cancelled ones are left out.",
        chart=charts.heat(name, title, said, [day[:3] for day in DAYS], rows, "{} {}: {:,}".format),
        header=("Hour from", *DAYS),
        rows=[(name_of_hour, *counts) for name_of_hour, counts in rows],
    )


def _most(weeks: Sequence, noun: str, count: Callable) -> str:
    """Which week had most."""
    most = max(map(count, weeks))
    if not most:
        return f"There were no {noun}."
    top, *others = (week for week in weeks if count(week) == most)
    if others:
        return "No week stands out."
    return f"Most {noun} ({most:,}) were in the week from {clock.format_day(top.monday)}."


def _named(asked: Asked, monday: date) -> str:
    """How the week is named below its column: `7 Sep`, over more than a year `Sep 2026`."""
    return f"{monday:%b %Y}" if asked.weeks.count > A_YEAR else f"{monday.day} {monday:%b}"


def _week(monday: date) -> str:
    return f"Week from {clock.format_day(monday)}"


def _hour(hour: int) -> str:
    """`9 am`."""
    return f"{hour % 12 or 12} {'am' if hour % 24 < 12 else 'pm'}"


def _for_file(value: Value) -> Cell:
    if isinstance(value, timedelta):
        return round(value.total_seconds() / 3600, 2)
    return round(value, 4) if isinstance(value, float) else value
