"""The service or practitioner of an address."""

from ...booking.models import Practitioner, Service
from ..area import row


def service(number: int) -> Service:
    """The service, or 404."""
    return row(Service, number)


def practitioner(number: int) -> Practitioner:
    """The practitioner, or 404."""
    return row(Practitioner, number)
