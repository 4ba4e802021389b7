"""The next times that can be booked, for the home page: from the same availability as booking itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ..booking.models import Practitioner, Service
from ..web import page_cache
from . import offers
from .choice import Choice


class NextSlot(NamedTuple):
    """A time to book at once: the address leads to its details form."""

    starts_at: datetime
    practitioner: Practitioner
    url: str


def booking_next_slots(services: Sequence[Service]) -> list[NextSlot]:
    """The next times of the service for new patients (who else asks a home page?), or of the first."""
    if not services:
        return []
    service = next((found for found in services if found.first_visit), services[0])
    openings = offers.of(service.slug).openings()
    page_cache.holds_until(openings.holds_until())
    return [
        NextSlot(slot.starts_at, person, Choice.of(service, person).url(slot.starts_at))
        for slot in openings.next_slots()
        for person in slot.practitioners[:1]
    ]
