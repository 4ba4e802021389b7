"""How much lies behind a grown clinic, and who works there."""

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from random import Random

from sqlalchemy import func, select

from clinic_app import clock
from clinic_app.extensions import db

WHOLE = {
    "posts": 10_000,
    "testimonials": 100_000,
    "enquiries": 1_000_000,
    "appointments": 1_000_000,
    "mails": 4_000_000,
    "audit_entries": 500_000,
}
FEWEST = 300  # more than two pages of any list, more than any page looks through, and some in most weeks
DAYS = 3652
PRESENT_DAYS = 7  # the past ends so many days ago
LEFT = 38  # practitioners who worked here for five years each


class Past:
    """A share of WHOLE, the moment it ends, and the numbers that rows of the present begin with."""

    def __init__(self, *, share: float, fewest: int = FEWEST):
        self.count = {name: max(fewest, round(count * share)) for name, count in WHOLE.items()}
        self.now = clock.now().astimezone(UTC).replace(tzinfo=None, microsecond=0)
        self.today = clock.today()
        self.persons = max(40, self.count["appointments"] // 5)
        self._first: dict[str, int] = {}

    def random(self, what: str) -> Random:
        return Random(what)

    def first(self, table: str) -> int:
        """The number of the first row that is added to the table."""
        if table not in self._first:
            column = db.metadata.tables[table].c.id
            self._first[table] = (db.session.scalar(select(func.max(column))) or 0) + 1
            db.session.rollback()
        return self._first[table]

    def numbers(self, table: str, what: str) -> range:
        """The numbers of the rows that are added of `what`, one of WHOLE."""
        return range(self.first(table), self.first(table) + self.count[what])

    def age(self, number: int, of: int) -> timedelta:
        """How long ago the row was: evenly from ten years to the present, oldest first."""
        return timedelta(days=PRESENT_DAYS) + timedelta(days=DAYS - PRESENT_DAYS) * ((of - number) / of)

    @cached_property
    def here(self) -> list[int]:
        """The practitioners of the starter content, who have been here all the time."""
        rows = list(db.session.scalars(select(db.metadata.tables["practitioners"].c.id).order_by("id")))
        db.session.rollback()
        return rows[:2]

    @cached_property
    def tenures(self) -> list[tuple[int, date, date]]:
        """(practitioner, first day, last day) of everyone within the past."""
        first, last = self.today - timedelta(days=DAYS), self.today - timedelta(days=PRESENT_DAYS + 1)
        gone, years = self.first("practitioners"), timedelta(days=DAYS // 2)
        began = [first + (last - years - first) * number / (LEFT - 1) for number in range(LEFT)]
        return [(gone + number, day, day + years) for number, day in enumerate(began)] + [
            (practitioner, first, last) for practitioner in self.here
        ]


def at(day: date, hour: int) -> datetime:
    """The hour of the day on the clinic's clocks, as naive UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=clock.zone()).astimezone(UTC).replace(tzinfo=None)
