"""Lists of appointments, however long, read a few at a time."""

from datetime import timedelta

from clinic_app import chunks, csv_files
from clinic_app.booking import tables
from clinic_app.extensions import db
from clinic_app.weeks import Weeks
from tests.queries import noted, selects

from .conftest import MONDAY
from .make import keep, keep_undone, row

WEEKS = Weeks.holding(MONDAY, MONDAY)


def starts(rows):
    return [row.starts_at for row in rows]


def test_appointments_are_listed_in_order_of_start_with_who_and_what(clinic, at):
    keep(
        row(clinic, at(MONDAY, "10:00")),
        row(clinic, at(MONDAY, "09:00"), name="Lee Invented", practitioner_id=clinic.kit.id),
        row(clinic, at(MONDAY - timedelta(days=1), "10:00")),
    )
    first, second = tables.starting_in(WEEKS)
    assert (first.name, first.practitioner, first.service) == ("Lee Invented", "Kit Example", "Follow-up")
    assert second.starts_at == at(MONDAY, "10:00")


def test_lists_can_be_of_one_practitioner_and_of_one_status(clinic, at):
    keep(
        row(clinic, at(MONDAY, "09:00"), status="noshow"),
        row(clinic, at(MONDAY, "10:00")),
        row(clinic, at(MONDAY, "09:00"), practitioner_id=clinic.kit.id),
    )
    assert starts(tables.starting_in(WEEKS, practitioner=clinic.robin, status="noshow")) == [at(MONDAY, "09:00")]
    assert len(list(tables.starting_in(WEEKS, practitioner=clinic.kit))) == 1


def test_what_was_undone_as_soon_as_it_was_made_is_in_no_list(clinic, at):
    keep(row(clinic, at(MONDAY, "09:00"), status="cancelled"))
    keep_undone(row(clinic, at(MONDAY, "10:00")))
    assert starts(tables.starting_in(WEEKS)) == [at(MONDAY, "09:00")]
    assert starts(tables.starting_in(WEEKS, status="cancelled")) == [at(MONDAY, "09:00")]


def test_many_are_read_in_chunks_without_loss_or_repetition(clinic, at):
    keep(
        *(row(clinic, at(MONDAY, f"{hour:02}:00"), status="cancelled") for hour in range(7, 20) for _ in range(3))
    )
    query = tables.query(WEEKS)
    with noted() as statements:
        found = list(chunks.rows(query, by=tables.ORDER, size=10))
    assert len({r.id for r in found}) == len(found) == 39
    assert starts(found) == sorted(starts(found))
    assert len(selects(statements)) == 4


def test_a_file_begins_with_one_short_read(clinic, at):
    keep(
        *(row(clinic, at(MONDAY, f"{hour:02}:00"), status="cancelled") for hour in range(7, 20) for _ in range(3))
    )
    rows = ([found.id] for found in chunks.rows(tables.query(WEEKS), by=tables.ORDER))
    with noted() as statements:
        next(csv_files.lines(["Number"], rows))
    assert len(selects(statements)) == 1
    assert len(list(rows)) == 39 - chunks.FIRST


def test_reading_a_list_leaves_the_readers_own_transaction_alone(clinic, at):
    keep(row(clinic, at(MONDAY, "09:00")))
    db.session.execute(db.text("SELECT 1"))
    transaction = db.session().get_transaction()
    list(tables.starting_in(WEEKS))
    assert db.session().get_transaction() is transaction
