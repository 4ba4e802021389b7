"""Going outside hours: only where that is needed, so that a reason given too many marks nothing."""

from collections.abc import Callable

from ...booking.models import Appointment
from ...booking.refusals import SlotNotOffered


def only_if_needed(verb: Callable[..., Appointment], *arguments, override: str, **named) -> Appointment:
    """What the verb (book, reschedule) gives within hours, or else with the override, if there is one.

    Raises what it raises.
    """
    try:
        return verb(*arguments, **named)
    except SlotNotOffered:
        if not override:
            raise
        return verb(*arguments, override=override, **named)
