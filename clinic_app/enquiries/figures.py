"""Figures of enquiries: how many come in a week, and how long their senders wait for the first answer.

An enquiry counts in the week in which it came, on the clinic's clocks. Spam is counted apart. Waiting is time as
it passes, nights and weekends included: that is what the sender waits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, case, func, literal, select

from ..extensions import db
from ..weeks import Weeks, epoch
from .models import STATES, Enquiry

WANTED = tuple(state for state in STATES if state != "spam")


@dataclass(frozen=True)
class Waits:
    """How long first answers took: half of them `half` or less, nine of ten `most` or less (nearest rank)."""

    answered: int = 0
    half: timedelta | None = None
    most: timedelta | None = None


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


def by_week(weeks: Weeks) -> list[Week]:
    """Enquiries of each of the weeks, and how long they waited."""
    number = weeks.number(Enquiry.received_at).label("week")
    among = (Enquiry.state.in_(STATES), weeks.hold(Enquiry.received_at))
    counts = select(number, Enquiry.state, func.count()).where(*among).group_by("week", Enquiry.state)
    waits = {week: _waits(*figures) for week, *figures in db.session.execute(_ranked(weeks, number))}
    return added_up(weeks.mondays, db.session.execute(counts), waits)


def added_up(mondays: list[date], rows: Iterable[tuple[int, str, int]], waits: dict[int, Waits]) -> list[Week]:
    """The weeks' figures from (week, state, count) and the waits by week."""
    received, spam = [0] * len(mondays), [0] * len(mondays)
    for week, state, count in rows:
        (spam if state == "spam" else received)[week] += count
    return [
        Week(monday, received[week], spam[week], waits.get(week, Waits())) for week, monday in enumerate(mondays)
    ]


def waits(weeks: Weeks) -> Waits:
    """How long the first answers to all enquiries of these weeks took."""
    found = db.session.execute(_ranked(weeks, literal(0).label("week"))).first()
    return _waits(*found[1:]) if found else Waits()


def _ranked(weeks: Weeks, group) -> Select:
    """SQL: (group, answered, the wait in the middle, the wait at nine tenths) of answered enquiries, in seconds.

    Ranked by window functions, which both databases have; SQLite has no percentiles.
    """
    seconds = (epoch(Enquiry.first_answered_at) - epoch(Enquiry.received_at)).label("seconds")
    ranked = (
        select(
            group,
            seconds,
            func.row_number().over(partition_by=group.element, order_by=seconds.element).label("rank"),
            func.count().over(partition_by=group.element).label("answered"),
        )
        .where(Enquiry.state.in_(WANTED), weeks.hold(Enquiry.received_at), Enquiry.first_answered_at.is_not(None))
        .subquery()
        .c
    )
    half, most = (ranked.answered + 1) // 2, (9 * ranked.answered + 9) // 10
    return select(
        ranked.week,
        func.max(ranked.answered),
        func.max(case((ranked.rank == half, ranked.seconds))),
        func.max(case((ranked.rank == most, ranked.seconds))),
    ).group_by(ranked.week)


def _waits(answered: int, half: int, most: int) -> Waits:
    return Waits(answered, timedelta(seconds=half), timedelta(seconds=most))
