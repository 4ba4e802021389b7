"""Whose calendar the signed-in member sees and changes: everyone's, or only their own.

What is not theirs answers 404, as what does not exist: nobody learns which appointments there are.
"""

from datetime import date

from flask import abort

from ...booking import agenda, profiles
from ...booking.models import Appointment, HoursException, Practitioner
from ...extensions import db
from ..area import member, row


def sees_all() -> bool:
    return member().may("calendar")


def own() -> Practitioner | None:
    """The practitioner that the member is."""
    number = member().practitioner_id
    return db.session.get(Practitioner, number) if number else None


def people() -> list[Practitioner]:
    """The practitioners who work here and whose calendars the member keeps, in the clinic's order."""
    return profiles.practitioners() if sees_all() else _only_own()


def people_of(first: date, last: date) -> list[Practitioner]:
    """The practitioners whose calendars the member sees on these days."""
    return agenda.people(first, last) if sees_all() else _only_own()


def _only_own() -> list[Practitioner]:
    me = own()
    return [me] if me else []


def practitioner(number: int) -> Practitioner:
    """This practitioner, who may have left. Answers 404 for one who is not the member's to see."""
    found = row(Practitioner, number)
    return found if is_within_reach(found.id) else abort(404)


def appointment(number: int) -> Appointment:
    """This appointment. Answers 404 for one that is not the member's to see."""
    found = row(Appointment, number)
    return found if is_within_reach(found.practitioner_id) else abort(404)


def exception(number: int, practitioner_id: int | None) -> HoursException:
    """This exception to the hours of the practitioner, or of the clinic. Answers 404 for another's."""
    found = row(HoursException, number)
    return found if found.practitioner_id == practitioner_id else abort(404)


def is_within_reach(practitioner_id: int) -> bool:
    return sees_all() or practitioner_id == member().practitioner_id
