"""Whose calendar the signed-in member sees and changes: everyone's, or only their own.

What is not theirs is answered as what does not exist: nobody learns which appointments there are.
"""

from datetime import date

from flask import url_for

from ...booking import agenda, profiles
from ...booking.models import Appointment, HoursException, Practitioner
from ...extensions import db
from ..area import member, row
from ..gone import Gone


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
    """This practitioner, who may have left. Raises Gone for one who is not the member's to see."""
    found = row(Practitioner, number)
    if not is_within_reach(found.id):
        raise Gone
    return found


def appointment(number: int) -> Appointment:
    """This appointment. Raises Gone for one that is not the member's to see."""
    found = row(Appointment, number)
    if not is_within_reach(found.practitioner_id):
        raise Gone
    return found


def exception(number: int, practitioner_id: int | None) -> HoursException:
    """This exception to the hours of the practitioner, or of the clinic. Raises Gone for another's."""
    listed_at = url_for(".hours", practitioner_id=practitioner_id) if practitioner_id else url_for(".closures")
    found = row(HoursException, number, listed_at=listed_at)
    if found.practitioner_id != practitioner_id:
        raise Gone(listed_at)
    return found


def is_within_reach(practitioner_id: int) -> bool:
    return sees_all() or practitioner_id == member().practitioner_id
