"""How urgently requests wait: the same in Python as in the database, to the second."""

from datetime import timedelta

from sqlalchemy import select

from clinic_app.booking.models import Appointment
from clinic_app.booking.urgency import CAN_WAIT, LAPSED, OVERDUE, STARTS_SOON
from clinic_app.extensions import db
from clinic_app.times.overdue import overdue_since

from .conftest import NOW
from .make import keep, row

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def test_urgency_changes_at_the_very_instant_for_python_and_for_the_database(clinic):
    late = overdue_since(NOW)
    waiting = [
        (NOW, late, LAPSED),
        (NOW + SECOND, late, STARTS_SOON),
        (NOW + DAY, late, STARTS_SOON),
        (NOW + DAY + SECOND, late, OVERDUE),
        (NOW + DAY + 2 * SECOND, late + SECOND, CAN_WAIT),
    ]
    for at, told, _ in waiting:
        keep(row(clinic, at, status="requested", told_at=told, ends_at=at + SECOND, busy_until=at + SECOND))
    found = db.session.execute(select(Appointment, Appointment.urgency).order_by(Appointment.id)).all()
    expected = [urgency for *_, urgency in waiting]
    assert [appointment.urgency for appointment, _ in found] == expected
    assert [urgency for _, urgency in found] == expected
