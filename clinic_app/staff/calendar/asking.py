"""Asks again before a change of hours, or a last day, that would strand appointments."""

from datetime import datetime
from typing import NamedTuple

from flask import render_template, request

from ...booking.models import Appointment


class WouldStrand(Exception):
    """The change is not made yet: these appointments would be stranded, and nobody has seen this list of them."""

    def __init__(self, stranded: list["Stranded"]):
        super().__init__(stranded)
        self.stranded = stranded


class Stranded(NamedTuple):
    """What the question tells of an appointment."""

    id: int
    starts_at: datetime
    standing: str
    standing_in_words: str
    name: str
    service: str
    practitioner: str

    @classmethod
    def of(cls, one: Appointment) -> "Stranded":
        what, who = one.service.name, one.practitioner.name
        return cls(one.id, one.starts_at, one.standing, one.standing_in_words, one.name, what, who)


def check(stranded: list[Appointment]) -> None:
    """Raise WouldStrand unless there are none, or the form says that exactly these were seen."""
    numbers = _numbers([one.id for one in stranded])
    if numbers and request.form.get("seen") != numbers:
        raise WouldStrand([Stranded.of(one) for one in stranded])


def page(question: WouldStrand, *, what: str, back: str) -> str:
    """The question, which carries all that was typed. `what` says what would be done: "Save these hours"."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != "seen"]
    return render_template(
        "staff/calendar/stranding.html",
        stranded=question.stranded,
        seen=_numbers([one.id for one in question.stranded]),
        typed=typed,
        what=what,
        back=back,
    )


def _numbers(ids: list[int]) -> str:
    return ",".join(str(number) for number in sorted(ids))
