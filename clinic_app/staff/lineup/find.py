"""The service or practitioner of an address."""

from flask import abort

from ...booking.models import Practitioner, Service
from ...extensions import db
from ...keyset import LARGEST_NUMBER


def service(number: int) -> Service:
    """The service, or 404."""
    return _found(Service, number)


def practitioner(number: int) -> Practitioner:
    """The practitioner, or 404."""
    return _found(Practitioner, number)


def _found(model, number: int):
    found = db.session.get(model, number) if number <= LARGEST_NUMBER else None
    return found or abort(404)
