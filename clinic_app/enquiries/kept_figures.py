"""Keeping the figures of past weeks (times.kept_weeks)."""

from collections.abc import Iterator

from ..times import kept_weeks
from ..times.weeks import Weeks
from . import figures
from .models import Enquiry, EnquiryWeek


def is_due() -> bool:
    """Whether a past week is not kept; only looks."""
    return kept_weeks.is_due(EnquiryWeek, Enquiry.received_at)


def keep() -> None:
    """Keep some weeks. Flushes."""
    kept_weeks.keep(EnquiryWeek, Enquiry.received_at, _counted)


def _counted(weeks: Weeks) -> Iterator[dict[str, object]]:
    for came in figures.counted(weeks):
        yield {"received": came.received, "spam": came.spam, "waits": figures.packed(came.seconds)}
