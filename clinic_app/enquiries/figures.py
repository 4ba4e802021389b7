"""Figures of enquiries: how many come in a week, and how long their senders wait for the first answer.

An enquiry counts in the week in which it came, on the clinic's clocks. Spam is counted apart. Waiting is time as
it passes, nights and weekends included: that is what the sender waits.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from ..extensions import db
from ..weeks import Weeks, epoch
from .models import STATES, Enquiry

WANTED = tuple(state for state in STATES if state != "spam")
AT_ONCE = 2_000  # rows


@dataclass(frozen=True)
class Waits:
    """How long first answers took: half of them `half` or less, nine of ten `most` or less (nearest rank)."""

    answered: int = 0
    half: timedelta | None = None
    most: timedelta | None = None

    @classmethod
    def of(cls, seconds: Iterable[int]) -> "Waits":
        """The figures of these waits."""
        ordered = sorted(seconds)
        count = len(ordered)
        if not count:
            return cls()
        half, most = ordered[(count + 1) // 2 - 1], ordered[(9 * count + 9) // 10 - 1]
        return cls(count, timedelta(seconds=half), timedelta(seconds=most))


@dataclass(frozen=True)
class Week:
    """The enquiries that came in the week that begins on `monday`, spam apart."""

    monday: date
    received: int = 0
    spam: int = 0
    waits: Waits = Waits()

    @property
    def unanswered(self) -> int:
        return self.received - self.waits.answered


@dataclass(frozen=True)
class Figures:
    """Enquiries by week, and how long those of all the weeks waited."""

    weeks: list[Week]
    waits: Waits


def of(weeks: Weeks) -> Figures:
    """The figures of these weeks, in two queries."""
    number = weeks.number(Enquiry.received_at).label("week")
    among = (Enquiry.state.in_(STATES), weeks.hold(Enquiry.received_at))
    counts = select(number, Enquiry.state, func.count()).where(*among).group_by("week", Enquiry.state)
    return added_up(weeks.mondays, db.session.execute(counts), _seconds(weeks))


def added_up(
    mondays: list[date], rows: Iterable[tuple[int, str, int]], seconds: dict[int, Iterable[int]]
) -> Figures:
    """The figures from (week, state, count), and the seconds that each answered enquiry waited, by week."""
    received, spam = [0] * len(mondays), [0] * len(mondays)
    for week, state, count in rows:
        (spam if state == "spam" else received)[week] += count
    return Figures(
        weeks=[
            Week(monday, received[week], spam[week], Waits.of(seconds.get(week, ())))
            for week, monday in enumerate(mondays)
        ],
        waits=Waits.of(wait for waits in seconds.values() for wait in waits),
    )


def _seconds(weeks: Weeks) -> dict[int, array]:
    """How long each answered enquiry of each week waited.

    Read as numbers and ranked here: SQLite has no percentiles, and window functions took three times as long.
    """
    wait = epoch(Enquiry.first_answered_at) - epoch(Enquiry.received_at)
    query = select(weeks.number(Enquiry.received_at), wait).where(
        Enquiry.state.in_(WANTED), weeks.hold(Enquiry.received_at), Enquiry.first_answered_at.is_not(None)
    )
    found = defaultdict(lambda: array("q"))
    for week, seconds in db.session.execute(query.execution_options(yield_per=AT_ONCE)):
        found[week].append(seconds)
    return found
