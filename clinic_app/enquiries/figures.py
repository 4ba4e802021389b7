"""Figures of enquiries: how many come in a week, and how long their senders wait for the first answer.

An enquiry counts in the week in which it came, on the clinic's clocks. Spam is counted apart. Waiting is time as
it passes, nights and weekends included: that is what the sender waits. Past weeks are kept
(times.kept_weeks), with each wait: how long half of all took cannot be told from the weeks' own halves.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from .. import clock
from ..extensions import db
from ..times import kept_weeks
from ..times.weeks import Weeks, epoch
from .models import STATES, Enquiry, EnquiryWeek

WANTED = tuple(state for state in STATES if state != "spam")
AT_ONCE = 2_000  # rows


class Waits(NamedTuple):
    """How long first answers took: half of them `half` or less, nine of ten `most` or less (nearest rank)."""

    answered: int = 0
    half: timedelta | None = None
    most: timedelta | None = None

    @classmethod
    def of(cls, *seconds: array) -> "Waits":
        """The figures of all these waits together, each array in ascending order."""
        count = sum(map(len, seconds))
        if not count:
            return cls()
        half, most = _at_rank((count + 1) // 2, seconds), _at_rank((9 * count + 9) // 10, seconds)
        return cls(count, timedelta(seconds=half), timedelta(seconds=most))


class Week(NamedTuple):
    """The enquiries that came in the week that begins on `monday`, spam apart."""

    monday: date
    received: int = 0
    spam: int = 0
    waits: Waits = Waits()

    @property
    def unanswered(self) -> int:
        return self.received - self.waits.answered


class Figures(NamedTuple):
    """Enquiries by week, and how long those of all the weeks waited."""

    weeks: list[Week]
    waits: Waits


@dataclass
class Came:
    """What came in a week, and the seconds that each answered one waited, in ascending order."""

    received: int = 0
    spam: int = 0
    seconds: array = field(default_factory=lambda: array("q"))


def of(weeks: Weeks) -> Figures:
    """The figures of these weeks: one query for those that are kept, and two for each stretch between them."""
    columns = (EnquiryWeek.received, EnquiryWeek.spam, EnquiryWeek.waits)
    kept = kept_weeks.of(EnquiryWeek, weeks, *columns, now=clock.now())
    found = {week: Came(row.received, row.spam, unpacked(row.waits)) for week, row in kept.items()}
    for first, part in kept_weeks.others(weeks, kept):
        found.update(enumerate(counted(part), first))
    came = [found[number] for number in range(weeks.count)]
    return Figures(
        weeks=[
            Week(monday, week.received, week.spam, Waits.of(week.seconds))
            for monday, week in zip(weeks.mondays, came, strict=True)
        ],
        waits=Waits.of(*(week.seconds for week in came)),
    )


def counted(weeks: Weeks) -> list[Came]:
    """What came in each week, counted anew."""
    came = [Came() for _ in range(weeks.count)]
    number = weeks.number(Enquiry.received_at).label("week")
    among = (Enquiry.state.in_(STATES), weeks.hold(Enquiry.received_at))
    counts = select(number, Enquiry.state, func.count()).where(*among).group_by("week", Enquiry.state)
    for week, state, count in db.session.execute(counts):
        if state == "spam":
            came[week].spam += count
        else:
            came[week].received += count
    _add_waits(came, weeks)
    return came


def packed(seconds: array) -> bytes:
    """As they are kept: eight bytes each, the lowest first."""
    return _little_endian(seconds).tobytes()


def unpacked(kept: bytes) -> array:
    return _little_endian(array("q", kept))


def _little_endian(seconds: array) -> array:
    if sys.byteorder == "big":
        seconds = seconds[:]
        seconds.byteswap()
    return seconds


def _at_rank(rank: int, ordered: Collection[array]) -> int:
    """The value with so many at or below it: halving where it can lie takes some 20 looks into each array, and
    putting all of them in one order as many seconds as there are millions."""
    some = [each for each in ordered if each]
    if len(some) == 1:
        return some[0][rank - 1]
    low, high = min(each[0] for each in some), max(each[-1] for each in some)
    while low < high:
        middle = (low + high) // 2
        if sum(bisect_right(each, middle) for each in some) >= rank:
            high = middle
        else:
            low = middle + 1
    return low


def _add_waits(came: list[Came], weeks: Weeks) -> None:
    """How long each answered enquiry of each week waited.

    Read as numbers and ranked here: SQLite has no percentiles, and window functions took three times as long.
    """
    wait = epoch(Enquiry.first_answered_at) - epoch(Enquiry.received_at)
    query = select(weeks.number(Enquiry.received_at), wait).where(
        Enquiry.state.in_(WANTED), weeks.hold(Enquiry.received_at), Enquiry.first_answered_at.is_not(None)
    )
    for week, seconds in db.session.execute(query.execution_options(yield_per=AT_ONCE)):
        came[week].seconds.append(seconds)
    for each in came:
        each.seconds = array("q", sorted(each.seconds))
