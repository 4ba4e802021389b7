"""Which appointments lists have, however long they are, and how many there are of a person."""

from datetime import timedelta

from sqlalchemy import select

from clinic_app import csv_files
from clinic_app.booking import appointments, changes, listing
from clinic_app.booking.hours import between
from clinic_app.booking.models import Appointment, Practitioner, Service
from clinic_app.extensions import db
from clinic_app.lists import chunks
from clinic_app.times.periods import Period
from clinic_app.times.weeks import Weeks
from tests.queries import noted, selects

from .conftest import LEE, MONDAY, NOW, TUESDAY, do
from .make import keep, keep_undone, row

WEEKS = Weeks.holding(MONDAY, MONDAY)


COLUMNS = (
    *(Appointment.starts_at, Appointment.name),
    *(Practitioner.name.label("practitioner"), Service.name.label("service")),
)


def starting(**narrowed):
    return listing.starting_in(WEEKS, COLUMNS, **narrowed)


def in_chunks(**options):
    query = select(Appointment.id, Appointment.starts_at)
    return chunks.rows(query, by=(Appointment.starts_at, Appointment.id), **options)


def starts(rows):
    return [row.starts_at for row in rows]


def count_of(email_key: str = "", phone: str = "") -> int:
    return listing.count_of(email_key=email_key, phone=phone)


def test_those_to_come_are_listed_in_order_of_start(book, clinic, at, travel):
    made = book(TUESDAY)
    kits = book(TUESDAY, practitioner=clinic.kit, patient=LEE)
    do(appointments.cancel, book(TUESDAY, "10:00"))
    day = between(TUESDAY, TUESDAY)
    assert listing.upcoming_in(day, practitioner=clinic.robin) == [made]
    assert listing.upcoming_in(day) == [made, kits]
    assert listing.upcoming_in(Period(at(TUESDAY, "10:00"), at(TUESDAY, "11:00"))) == []
    assert listing.upcoming() == [made, kits]
    travel.move_to(at(TUESDAY, "11:00"))
    assert listing.upcoming() == []


def test_those_of_a_person_are_counted_once_each_by_address_and_phone(clinic, at, monkeypatch):
    keep(
        row(clinic, at(MONDAY, "09:00")),
        row(clinic, at(MONDAY, "10:00"), phone=None),
        row(clinic, at(MONDAY, "11:00"), email=None, email_key=None),
        row(clinic, at(MONDAY, "13:00"), email="lee@example.com", email_key="lee@example.com", phone=None),
    )
    keep_undone(row(clinic, at(MONDAY, "14:00")))
    assert count_of("alex@example.org", "+61491570006") == 3
    assert count_of("alex@example.org") == count_of(phone="+61491570006") == 2
    assert count_of() == 0
    monkeypatch.setattr(listing, "COUNTED", 1)
    assert count_of("alex@example.org") == 1


def test_what_was_undone_as_soon_as_it_was_made_is_in_no_list_and_what_was_cancelled_is(book):
    hand = changes.Hand(member_id=1, name="Kit Example", hold_mail_until=NOW + timedelta(minutes=1))
    do(appointments.cancel, book(wall="14:00"))
    undone = book(by="staff", patient=LEE, hand=hand)
    do(changes.undo, hand.change, hand=hand)
    assert undone.status == "cancelled"
    assert [found.name for found in starting()] == ["Alex Placeholder"]
    assert (count_of("alex@example.org"), count_of("lee@example.com")) == (1, 0)


def test_appointments_are_listed_in_order_of_start_with_who_and_what(clinic, at):
    keep(
        row(clinic, at(MONDAY, "10:00")),
        row(clinic, at(MONDAY, "09:00"), name="Lee Invented", practitioner_id=clinic.kit.id),
        row(clinic, at(MONDAY - timedelta(days=1), "10:00")),
    )
    first, second = starting()
    assert (first.name, first.practitioner, first.service) == ("Lee Invented", "Kit Example", "Follow-up")
    assert second.starts_at == at(MONDAY, "10:00")


def test_lists_can_be_of_one_practitioner_and_of_one_status(clinic, at):
    keep(
        row(clinic, at(MONDAY, "09:00"), status="noshow"),
        row(clinic, at(MONDAY, "10:00")),
        row(clinic, at(MONDAY, "09:00"), practitioner_id=clinic.kit.id),
    )
    assert starts(starting(practitioner=clinic.robin, status="noshow")) == [at(MONDAY, "09:00")]
    assert len(list(starting(practitioner=clinic.kit))) == 1


def test_what_was_undone_as_soon_as_it_was_made_is_in_no_list(clinic, at):
    keep(row(clinic, at(MONDAY, "09:00"), status="cancelled"))
    keep_undone(row(clinic, at(MONDAY, "10:00")))
    assert starts(starting()) == [at(MONDAY, "09:00")]
    assert starts(starting(status="cancelled")) == [at(MONDAY, "09:00")]


def test_many_are_read_in_chunks_without_loss_or_repetition(clinic, at):
    keep(
        *(row(clinic, at(MONDAY, f"{hour:02}:00"), status="cancelled") for hour in range(7, 20) for _ in range(3))
    )
    with noted() as statements:
        found = list(in_chunks(size=10))
    assert len({r.id for r in found}) == len(found) == 39
    assert starts(found) == sorted(starts(found))
    assert len(selects(statements)) == 4


def test_a_file_begins_with_one_short_read(clinic, at):
    keep(
        *(row(clinic, at(MONDAY, f"{hour:02}:00"), status="cancelled") for hour in range(7, 20) for _ in range(3))
    )
    rows = ([found.id] for found in in_chunks())
    with noted() as statements:
        next(csv_files.lines(["Number"], rows))
    assert len(selects(statements)) == 1
    assert len(list(rows)) == 39 - chunks.FIRST


def test_reading_a_list_leaves_the_readers_own_transaction_alone(clinic, at):
    keep(row(clinic, at(MONDAY, "09:00")))
    db.session.execute(db.text("SELECT 1"))
    transaction = db.session().get_transaction()
    list(starting())
    assert db.session().get_transaction() is transaction
