"""The schema itself refuses what must never be, whoever writes."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from clinic_app import database
from clinic_app.booking.models import Appointment, HoursException
from clinic_app.extensions import db

from .conftest import MONDAY, days

only_sqlite = pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)


@pytest.fixture
def insert(clinic, at):
    """Inserts an appointment of Robin by SQL: (minutes after 9 am on Monday, until), and gives its id."""

    def insert(start, end, busy_until=None, **changes):
        nine = at(MONDAY, "09:00")
        row = {
            "practitioner_id": clinic.robin.id,
            "service_id": clinic.visit.id,
            "status": "booked",
            "starts_at": nine + timedelta(minutes=start),
            "ends_at": nine + timedelta(minutes=end),
            "busy_until": nine + timedelta(minutes=busy_until or end),
            "name": "Alex Placeholder",
            "email": "alex@example.org",
            "made_by": "staff",
            "token_hash": f"{start} {end} {changes}",
        }
        with database.transaction():
            return db.session.scalar(db.insert(Appointment).values(row | changes).returning(Appointment.id))

    return insert


def update(appointment_id, **values):
    with database.transaction():
        db.session.execute(db.update(Appointment).where(Appointment.id == appointment_id).values(values))


@pytest.mark.parametrize("start, end", [(30, 60), (20, 40), (50, 90), (0, 90), (35, 40), (45, 46)])
def test_overlapping_appointments_are_refused(insert, start, end):
    insert(30, 60)
    with pytest.raises(DBAPIError, match="appointments_do_not_overlap"):
        insert(start, end, token_hash="another")


def test_appointments_that_only_meet_are_not_refused(insert):
    insert(30, 60)
    insert(0, 30)
    insert(60, 90)


def test_a_gap_is_part_of_what_must_not_overlap(insert):
    insert(30, 60, busy_until=75)
    with pytest.raises(DBAPIError, match="appointments_do_not_overlap"):
        insert(60, 90)
    with pytest.raises(DBAPIError, match="appointments_do_not_overlap"):
        insert(0, 20, busy_until=31)


@pytest.mark.parametrize(
    "status, refused", [("requested", True), ("fulfilled", True), ("cancelled", False), ("noshow", False)]
)
def test_what_holds_its_time_and_what_does_not(insert, status, refused):
    held = insert(30, 60, status=status)
    if refused:
        with pytest.raises(DBAPIError, match="appointments_do_not_overlap"):
            insert(30, 60, token_hash="another")
        return
    insert(30, 60, token_hash="another")
    with pytest.raises(DBAPIError, match="appointments_do_not_overlap"):
        update(held, status="booked")


def test_moving_into_another_appointment_is_refused(insert, clinic, at):
    insert(30, 60)
    other = insert(60, 90)
    with pytest.raises(DBAPIError, match="appointments_do_not_overlap"):
        update(other, starts_at=at(MONDAY, "09:45"))
    update(other, practitioner_id=clinic.kit.id, starts_at=at(MONDAY, "09:45"))
    with pytest.raises(DBAPIError, match="appointments_do_not_overlap"):
        update(other, practitioner_id=clinic.robin.id)


def test_an_appointment_may_change_without_meeting_itself(insert, at):
    made = insert(30, 60)
    update(made, starts_at=at(MONDAY, "09:15"), name="Alex P.")


@pytest.mark.parametrize("start, end, busy_until", [(60, 60, 70), (60, 30, 70), (30, 60, 50)])
def test_appointments_start_before_they_end(insert, start, end, busy_until):
    with pytest.raises(DBAPIError, match="starts_before_it_ends"):
        insert(start, end, busy_until)


def test_appointments_end_within_a_day_so_that_searches_look_one_day_back(insert):
    insert(0, 24 * 60)
    with pytest.raises(DBAPIError, match="appointments_do_not_overlap"):
        insert(24 * 60 - 1, 24 * 60 + 10)
    with pytest.raises(DBAPIError, match="appointments_end_within_a_day"):
        insert(10_000, 10_000 + 24 * 60 + 1)


def test_patients_can_be_reached(insert):
    with pytest.raises(DBAPIError, match="patients_can_be_reached"):
        insert(0, 30, email=None)
    with pytest.raises(DBAPIError, match="appointments_have_a_known_status"):
        insert(0, 30, status="maybe")


@only_sqlite  # PostgreSQL has a type for instants
def test_sqlite_takes_instants_only_in_the_form_that_compares(insert):
    made = insert(30, 60)
    for wrong in ("2026-11-22T22:30:00", "2026-11-22 22:30", "soon", 5):
        with pytest.raises(DBAPIError, match="appointments_are_written_in_one_form"), database.transaction():
            db.session.execute(
                db.text("UPDATE appointments SET starts_at = :at WHERE id = :id"), {"at": wrong, "id": made}
            )


@only_sqlite  # PostgreSQL searches the constraint's own index
def test_the_search_for_overlaps_does_not_scan_history(app):
    plan = db.session.execute(
        db.text(
            "EXPLAIN QUERY PLAN SELECT 1 FROM appointments WHERE practitioner_id = 1 "
            "AND status IN ('requested', 'booked', 'fulfilled') AND starts_at < '2026' AND starts_at > '2025'"
        )
    ).all()
    assert "ix_appointments_busy (practitioner_id=? AND starts_at>? AND starts_at<?)" in plan[0][3]


def test_closures_are_the_whole_clinics_and_exceptions_start_before_they_end(clinic, at):
    start = at(MONDAY, "09:00")
    for rule, row in (
        ("closures_are_the_whole_clinics", {"kind": "closure", "practitioner_id": clinic.robin.id}),
        ("closures_are_the_whole_clinics", {"kind": "time_off"}),
        ("exceptions_start_before_they_end", {"kind": "closure", "ends_at": start}),
        ("exceptions_are_of_a_known_kind", {"kind": "party", "practitioner_id": clinic.robin.id}),
    ):
        with pytest.raises(DBAPIError, match=rule), database.transaction():
            db.session.add(HoursException(**{"starts_at": start, "ends_at": start + days(1), **row}))
