"""How urgently a request waits for staff's answer: in Python for what is shown, in SQL for lists in this order."""

from datetime import timedelta

from sqlalchemy import ColumnElement, case
from sqlalchemy.ext.hybrid import hybrid_property

from .. import clock
from ..times.overdue import overdue_since

# In words for staff, the most urgent first.
URGENCIES = ("Starts within a day", "Overdue", "Its time has come", "")
STARTS_SOON, OVERDUE, LAPSED, CAN_WAIT = range(len(URGENCIES))
SOON = timedelta(days=1)


class Urgency:
    """Of an appointment that is to be at `starts_at`, and has waited for an answer since `told_at`."""

    @hybrid_property
    def urgency(self) -> int:
        """An index of URGENCIES.

        What can still be kept goes before what has lapsed, which is late by now however soon it is answered. That
        goes before what can wait: whoever asked was promised an answer.
        """
        now = clock.now()
        if self.starts_at <= now:
            return LAPSED
        if self.starts_at <= now + SOON:
            return STARTS_SOON
        return OVERDUE if self.told_at <= overdue_since(now) else CAN_WAIT

    @urgency.inplace.expression
    @classmethod
    def _urgency(cls) -> ColumnElement[int]:
        now = clock.now()
        return case(
            (cls.starts_at <= now, LAPSED),
            (cls.starts_at <= now + SOON, STARTS_SOON),
            (cls.told_at <= overdue_since(now), OVERDUE),
            else_=CAN_WAIT,
        )

    @property
    def urgency_in_words(self) -> str:
        """For staff; nothing for what can wait."""
        return URGENCIES[self.urgency]
