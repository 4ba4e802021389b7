"""Keeping the figures of past weeks (times.kept_weeks). Of one practitioner none are kept: those are few."""

from collections import Counter
from collections.abc import Iterator

from .. import clock
from ..times import kept_weeks
from ..times.weeks import Weeks
from . import figures
from .models import Appointment, AppointmentWeek


def is_due() -> bool:
    """Whether a past week is not kept; only looks."""
    return kept_weeks.is_due(AppointmentWeek, Appointment.starts_at)


def keep() -> None:
    """Keep some weeks. Flushes."""
    kept_weeks.keep(AppointmentWeek, Appointment.starts_at, _counted)


def _counted(weeks: Weeks) -> Iterator[dict[str, object]]:
    for monday in weeks.mondays:
        week, statuses = Weeks(monday, 1), Counter()
        for _, status, _, count in figures.by_status(week, clock.now()):
            statuses[status] += count
        yield {"statuses": statuses, "hours": figures.by_hour(week)}
