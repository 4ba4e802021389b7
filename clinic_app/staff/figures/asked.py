"""What the address asks figures for: which weeks, and whose appointments."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from flask import abort, request

from ... import clock
from ...booking import profiles
from ...booking.models import Practitioner
from ...enquiries.models import STATES as ENQUIRY_STATES
from ...times.weeks import Weeks

WEEKS_SHOWN = 12  # unless the address says otherwise
USUAL = (("12 weeks", WEEKS_SHOWN), ("Half a year", 26), ("A year", 52), ("Two years", 104))
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)
STATUSES = {
    "requested": "Requested",
    "booked": "Booked",
    "fulfilled": "Arrived",
    "noshow": "No-show",
    "cancelled": "Cancelled",
}


@dataclass(frozen=True)
class Asked:
    """The weeks (`from` and `to` in the address are any day of the first and the last), and the lists' filters."""

    weeks: Weeks
    practitioner: Practitioner | None = None
    status: str | None = None
    state: str | None = None
    is_cut: bool = False

    @classmethod
    def in_address(cls) -> "Asked":
        """Days that cannot be read mean the usual ones; a practitioner or state that is not known answers 404."""
        last = _day("to") or clock.today()
        first = _day("from") or Weeks.ending(last, WEEKS_SHOWN).first
        weeks = Weeks.holding(first, last)
        return cls(
            weeks=weeks,
            practitioner=_practitioner(),
            status=_known("status", STATUSES),
            state=_known("state", ENQUIRY_STATES),
            is_cut=weeks.first > min(first, last),
        )

    @cached_property
    def practitioners(self) -> list[Practitioner]:
        """Whom one can choose: those who have worked here since the first day, and who is chosen."""
        people = profiles.practitioners(on=self.weeks.first)
        return people if self.practitioner in (None, *people) else [*people, self.practitioner]

    @property
    def usual(self) -> list[tuple[str, dict[str, str], bool]]:
        """(words, address's arguments, whether it is what is shown) of lengths of time that end with this week."""
        kept = {"practitioner": self.practitioner.slug} if self.practitioner else {}
        spans = ((words, Weeks.ending(clock.today(), count)) for words, count in USUAL)
        return [
            (
                words,
                kept | {"from": weeks.first.isoformat(), "to": weeks.last_day.isoformat()},
                weeks == self.weeks,
            )
            for words, weeks in spans
        ]

    def in_words(self) -> dict[str, str]:
        """For the audit trail and for addresses."""
        told = {
            "from": self.weeks.first.isoformat(),
            "to": self.weeks.last_day.isoformat(),
            "practitioner": self.practitioner and self.practitioner.slug,
            "status": self.status,
            "state": self.state,
        }
        return {name: value for name, value in told.items() if value}


def _day(name: str) -> date | None:
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return min(max(day, EARLIEST), LATEST)


def _known(name: str, known) -> str | None:
    value = request.args.get(name)
    if value and value not in known:
        abort(404)
    return value or None


def _practitioner() -> Practitioner | None:
    if not (slug := request.args.get("practitioner")):
        return None
    try:
        return profiles.practitioner(slug.replace("\0", ""))  # which PostgreSQL takes nowhere
    except profiles.NotFound:
        abort(404)
