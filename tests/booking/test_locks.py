"""PostgreSQL's writers of the same appointments wait for each other before they write; see `booking.locks`."""

import pytest
from sqlalchemy import func, select

from clinic_app import database
from clinic_app.booking import appointments, privacy, profiles, requests
from clinic_app.booking.appointments import Patient
from clinic_app.booking.models import Appointment
from clinic_app.booking.refusals import ChangedMeanwhile, NotUpcoming, Refused
from clinic_app.extensions import db
from tests.locks import ON_POSTGRESQL, begin
from tests.server import DEADLINE_SECONDS

from .conftest import ALEX, LEE, MONDAY, TUESDAY, last_mail


@pytest.fixture
def book(clinic, at):
    def book(wall: str, patient, service: str = "visit") -> Appointment:
        who = {"practitioner": profiles.practitioner("robin"), "patient": patient}
        return appointments.book(**who, service=profiles.service(service), starts_at=at(MONDAY, wall))

    return book


@ON_POSTGRESQL
def test_who_books_with_a_practitioner_waits_for_who_does_so_before(app, book):
    """Else two who insert overlapping appointments at once may end in a deadlock, which is nobody's answer."""

    def book_too() -> None:
        with database.transaction():
            book("11:00", LEE)

    with database.transaction():
        book("09:30", ALEX)
        second = begin(app, book_too)
        assert second.is_alive()
    second.join(DEADLINE_SECONDS)
    assert db.session.scalar(select(func.count(Appointment.id))) == len((ALEX, LEE))


@ON_POSTGRESQL
@pytest.mark.parametrize("address", ["kit@example.org", "kit+physio@example.org"])
def test_who_books_waits_for_an_erasure_under_their_address(app, book, address):
    def book_as_kit() -> None:
        with database.transaction():
            book("11:00", Patient(name="Kit Example", email=address))

    with database.transaction():
        privacy.lock({address}, set())
        second = begin(app, book_as_kit)
        assert second.is_alive()
    second.join(DEADLINE_SECONDS)


@pytest.fixture
def while_kit_takes_it_over(app, book, at):
    """Have somebody change Alex's appointment while staff move it to Kit on Tuesday; gives why they could not."""
    with database.transaction():
        number = book("09:30", ALEX).id

    def change_it(verb, **changes) -> list[type[Refused]]:
        refusals = []

        def do() -> None:
            try:
                with database.transaction():
                    verb(db.session.get(Appointment, number), **changes)
            except Refused as refusal:
                refusals.append(type(refusal))

        with database.transaction():
            moved = {"starts_at": at(TUESDAY, "09:30"), "practitioner": profiles.practitioner("kit")}
            appointments.reschedule(db.session.get(Appointment, number), **moved, by="staff")
            second = begin(app, do)
        second.join(DEADLINE_SECONDS)
        return refusals

    return change_it


@ON_POSTGRESQL
def test_who_cancels_waits_for_who_gives_it_to_another_practitioner(while_kit_takes_it_over):
    assert not while_kit_takes_it_over(appointments.cancel)
    cancelled = db.session.scalars(select(Appointment)).one()
    assert (cancelled.status, cancelled.sequence) == ("cancelled", 2)
    told = last_mail("cancelled").text_body
    assert "Tuesday 24 November 2026, 9:30 am" in told
    assert "With: Kit Example" in told


ANSWERS = {
    "accept": (requests.accept, [NotUpcoming]),
    "decline": (requests.decline, []),  # it has ended already
    "offer": (lambda asked: requests.offer(asked, times=[(asked.practitioner, asked.starts_at)]), [NotUpcoming]),
    "fulfil": (appointments.fulfil, [NotUpcoming]),
    "mark_no_show": (appointments.mark_no_show, [NotUpcoming]),
    "keep": (lambda made: appointments.keep(made, override="A favour"), [NotUpcoming]),
}


@ON_POSTGRESQL
@pytest.mark.parametrize("answer", ANSWERS)
def test_whatever_staff_do_waits_for_the_patient_who_cancels_and_finds_it_cancelled(app, book, answer):
    verb, refused = ANSWERS[answer]
    is_request = answer in ("accept", "decline", "offer")
    with database.transaction():
        number = book("09:30", ALEX, service="check" if is_request else "visit").id
    refusals = []

    def do() -> None:
        try:
            with database.transaction():
                verb(db.session.get(Appointment, number))
        except Refused as refusal:
            refusals.append(type(refusal))

    with database.transaction():
        appointments.cancel(db.session.get(Appointment, number))
        second = begin(app, do)
    second.join(DEADLINE_SECONDS)
    cancelled = db.session.scalars(select(Appointment)).one()
    assert (refusals, cancelled.status, cancelled.cancelled_by) == (refused, "cancelled", "patient")


@ON_POSTGRESQL
def test_a_patients_move_does_not_give_it_back_to_who_had_it_a_moment_ago(while_kit_takes_it_over, at):
    assert while_kit_takes_it_over(appointments.reschedule, starts_at=at(MONDAY, "11:00")) == [ChangedMeanwhile]
    stands = db.session.scalars(select(Appointment)).one()
    assert (stands.practitioner.slug, stands.starts_at) == ("kit", at(TUESDAY, "09:30"))


@ON_POSTGRESQL
@pytest.mark.parametrize("who", ["robin", "all"])
def test_time_off_by_command_waits_for_who_books_and_lists_what_they_booked(app, book, who):
    told = []

    def take_time_off() -> None:
        command = ["practitioners", "off", who, "2026-11-23", "2026-11-24"]
        told.append(app.test_cli_runner().invoke(args=command).output)

    with database.transaction():
        book("09:30", ALEX)
        second = begin(app, take_time_off)
        db.session.commit()
        second.join(DEADLINE_SECONDS)
    assert "Still there: " in told[0]
