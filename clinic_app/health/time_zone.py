"""Does the calendar go by the clinic's clocks, and was every appointment told by them?"""

from .. import clock
from ..booking import zone_change
from ..lists.counting import how_many
from .finding import Findings


def find() -> Findings:
    """Appointments stay at their instants when the setting `timezone` is changed: staff have to look at them."""
    found, here = Findings("Time zone"), clock.zone().key
    if (known := zone_change.known()) not in (None, here):
        return found.warn(
            f"Closures, time off and extra hours are still by the clocks of {known}, all else by those of {here}.",
            "Run `flask setup`, or put the setting timezone back.",
        )
    told = list(zone_change.told_otherwise())
    if not told:
        return found.ok(f"{here}.")
    first, at = told[0]
    return found.warn(
        f"Patients were told of {how_many(len(told), 'appointment')} to come by other clocks. The first is "
        f"{clock.format_when(first.starts_at)}, and they heard {clock.format_day(at.date(), year=False)}, "
        f"{clock.format_time(at.time())}, by the clocks of {at.tzinfo}.",
        "Ask them when they will come, and move what is meant otherwise; or put the setting timezone back.",
    )
