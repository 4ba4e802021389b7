"""The service or practitioner of an address."""

from ...booking.models import Practitioner, Service
from ..area import row


def service(number: int) -> Service:
    """The service. Raises Gone."""
    return row(Service, number)


def practitioner(number: int) -> Practitioner:
    """The practitioner. Raises Gone."""
    return row(Practitioner, number)
