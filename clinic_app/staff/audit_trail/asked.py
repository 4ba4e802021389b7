"""What the address of a page of the trail asks for."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from flask import request

from ... import clock
from ...accounts import audit, trail
from ...enquiries import inbox, references
from ...lists import keyset
from ...web.searches import words_asked

NAMELESS = (audit.COMMAND_LINE, audit.SOMEBODY)
FIELDS = ("who", "action", "kind", "number", "from", "to")
LONGEST, MOST_THINGS = 60, 200
NO_NUMBER = "Enter a number, or the reference of an enquiry"
NO_DAY = "Choose a day"


class Filters(NamedTuple):
    """What is asked for, what was typed for it, and what of that could not be read, by field."""

    asked: trail.Asked
    typed: dict[str, str]
    troubles: dict[str, str]


def read() -> Filters:
    """The filters of the present address."""
    typed = {name: words_asked(name, longest=LONGEST) for name in FIELDS}
    troubles: dict[str, str] = {}
    asked = trail.Asked(
        who=_who(typed["who"]),
        action=typed["action"],
        kind=typed["kind"],
        about=_things(typed, troubles),
        since=_midnight("from", typed, troubles),
        until=_midnight("to", typed, troubles, days_later=1),
    )
    return Filters(asked, typed, troubles)


def _who(text: str) -> int | str | None:
    return text if text in NAMELESS else keyset.row_number(text)


def _things(typed: dict[str, str], troubles: dict[str, str]) -> tuple[tuple[str, int], ...]:
    """Things that the address names outright (about=enquiry:12), or the one whose number was typed."""
    pairs = [text.rpartition(":") for text in request.args.getlist("about")[:MOST_THINGS]]
    numbered = ((kind, keyset.row_number(digits)) for kind, _, digits in pairs)
    named = tuple((kind, number) for kind, number in numbered if number is not None)
    if not (text := typed["number"]):
        return named
    if references.parse(text) and (enquiry := inbox.find(text)):
        return (("enquiry", enquiry.id),)
    if (number := keyset.row_number(text)) is None:
        troubles["number"] = NO_NUMBER
        return named
    return tuple((kind, number) for kind in ([typed["kind"]] if typed["kind"] else trail.kinds())) or (("", 0),)


def _midnight(
    field: str, typed: dict[str, str], troubles: dict[str, str], *, days_later: int = 0
) -> datetime | None:
    """The instant, by the clinic's clocks, at which the day begins, or one some days after it."""
    if not typed[field]:
        return None
    try:
        return clock.instant_of(date.fromisoformat(typed[field]) + timedelta(days=days_later))
    except (ValueError, OverflowError):
        troubles[field] = NO_DAY
        return None
