"""PostgreSQL's writers of the same appointments wait for each other before they write; see `booking.locks`."""

from threading import Thread

import pytest
from sqlalchemy import func, select, text

from clinic_app import database
from clinic_app.booking import appointments, profiles
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db
from tests.server import DEADLINE_SECONDS, wait_for

from .conftest import ALEX, LEE, MONDAY, NOW

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
    "AND query LIKE '%practitioners%FOR NO KEY UPDATE%'"
)


def is_waited_for() -> bool:
    with db.engine.connect() as connection:
        return connection.scalar(WAITING) > 0


@pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)
def test_who_books_with_a_practitioner_waits_for_who_does_so_before(app, clinic, at):
    """Else two who insert overlapping appointments at once may end in a deadlock, which is nobody's answer."""

    def book(wall: str, patient) -> None:
        robin, visit = profiles.practitioner("robin"), profiles.service("visit")
        wanted = {"practitioner": robin, "service": visit, "starts_at": at(MONDAY, wall), "patient": patient}
        appointments.book(**wanted, now=NOW)

    def book_too() -> None:
        with app.app_context(), database.transaction():
            book("11:00", LEE)

    second = Thread(target=book_too)
    with database.transaction():
        book("09:30", ALEX)
        second.start()
        wait_for(lambda: is_waited_for() or not second.is_alive(), "the second to come to the lock")
        assert second.is_alive()
    second.join(DEADLINE_SECONDS)
    assert db.session.scalar(select(func.count(Appointment.id))) == len((ALEX, LEE))
