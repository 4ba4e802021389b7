"""Changes to an appointment that the sender of a form has not seen yet: they are shown, and nothing is done.

Each such form carries in `seen` the number of the change that was the last then. See Hand and ChangedMeanwhile.
"""

from flask import request

from ...booking import changes
from ...booking.changes import Hand
from ...booking.models import Appointment
from ...lists.keyset import row_number
from ..area import member
from . import history


def hand() -> Hand:
    """The member's hand, which changes only what they have seen."""
    return changes.hand_of(member(), seen=_seen())


def of(appointment: Appointment) -> list[history.Line] | None:
    """What was done since to what the form was made from, oldest first; None where nothing was."""
    seen = _seen()
    return None if seen in (None, latest(appointment)) else history.since(appointment, seen)


def latest(appointment: Appointment) -> int:
    """What the forms of its page tell in `seen`."""
    return changes.latest([appointment.id])[appointment.id]


def _seen() -> int | None:
    return row_number(request.form.get("seen", ""))
