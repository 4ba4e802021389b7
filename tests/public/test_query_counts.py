"""Pages that are made for the asker take a fixed number of queries, however much there is."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import event

from clinic_app import database
from clinic_app.booking import hours, profiles
from clinic_app.booking.models import Appointment
from clinic_app.booking.periods import Period
from clinic_app.extensions import db
from tests.blog.make import post
from tests.testimonials.invented import received, service

from .conftest import NOW

# How many queries the pages of booking take at most. With an argument that it does not take, a page is not kept.
BOOKING = {
    "/book?fresh=1": 1,
    "/book/visit?fresh=1": 5,
    "/book/visit/robin?fresh=1": 5,
    "/book/visit/anyone?fresh=1": 5,
    "/book/visit/robin?week=2026-12-07&fresh=1": 5,
    "/book/visit/robin/2026-12-14T0900": 5,
}
OTHERS = (
    "/?fresh=1",
    "/blog?fresh=1",
    "/blog/post-0?fresh=1",
    "/testimonials?fresh=1",
    "/contact",
    "/privacy?fresh=1",
)


@contextmanager
def counting():
    """The statements that are sent to the database meanwhile, but for what begins a transaction."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def count(client, path) -> int:
    client.get("/privacy?fresh=1")  # which reads what is kept for all pages
    with counting() as sent:
        assert client.get(path).status_code == 200, path
    return len(sent)


def fill(clinic, *, numbers: range) -> None:
    """Posts of these numbers, and as many testimonials, practitioners, appointments, and times off."""
    with database.transaction() as session:
        for n in numbers:
            post(f"post-{n}", tags=("Running",))
        for n in numbers:
            received(service(n), name=f"Sample {n}")
        robin, visit = profiles.practitioner("robin"), profiles.service("visit")
        for n in numbers:
            profiles.save_practitioner(f"sample-{n}", name=f"Sample {n}", position=9, offers=[visit])
            start = datetime(2026, 11, 23, 0, tzinfo=UTC) + timedelta(minutes=30 * n)
            hours.take_time_off(robin, Period(NOW - timedelta(days=n + 2), NOW - timedelta(days=n + 1)))
            session.add(
                Appointment(
                    practitioner=robin,
                    service=visit,
                    status="booked",
                    starts_at=start,
                    ends_at=start + timedelta(minutes=30),
                    busy_until=start + timedelta(minutes=30),
                    name="Alex Placeholder",
                    email="alex@example.org",
                    token_hash=f"t{n}",
                    made_by="staff",
                )
            )


def test_each_page_takes_as_many_queries_with_one_row_as_with_a_hundred(client, clinic):
    fill(clinic, numbers=range(1))
    few = {path: count(client, path) for path in (*BOOKING, *OTHERS)}
    assert {path: found for path, found in few.items() if found > BOOKING.get(path, 12)} == {}
    fill(clinic, numbers=range(1, 100))
    assert {path: count(client, path) for path in few} == few
