"""The version of the content: every write to what public pages show changes it, whoever writes."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from threading import Semaphore

import pytest
from sqlalchemy import select, text

from clinic_app import content_version, database
from clinic_app.booking import hours, profiles
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db
from tests.blog.make import post
from tests.factories import enquire
from tests.server import wait_for
from tests.testimonials.invented import received

# Every table of which public pages show something, but the appointments: those whose rows refer to others last.
SHOWN = (
    *("authors", "tags", "posts", "post_tags", "testimonials"),
    *("practitioners", "services", "offerings", "working_hours", "hours_exceptions"),
)


@pytest.fixture
def content(app):
    """A row or more in each table."""
    with database.transaction():
        post("one", tags=("Running",))
        received()
        robin = profiles.save_practitioner("robin", name="Robin Sample", hours={0: [(time(9), time(12))]})
        profiles.save_service("visit", name="Visit", minutes=30, price_cents=8500)
        hours.take_time_off(robin, hours.between(date(2026, 12, 24), date(2026, 12, 25)))


def appointment() -> Appointment:
    return Appointment(
        practitioner=profiles.practitioner("robin"),
        service=profiles.service("visit"),
        status="booked",
        starts_at=datetime(2026, 11, 23, 0, tzinfo=UTC),
        ends_at=datetime(2026, 11, 23, 1, tzinfo=UTC),
        busy_until=datetime(2026, 11, 23, 1, tzinfo=UTC),
        name="Alex Placeholder",
        email="alex@example.org",
        token_hash="t",
        made_by="staff",
    )


def changes(statement, values=None) -> bool:
    """Whether the version changes with a statement that is committed."""
    before = content_version.look()
    with db.engine.begin() as connection:
        connection.execute(statement, values)
    return content_version.look() != before


def test_every_kind_of_write_to_what_pages_show_changes_the_version(content):
    rows = {}
    for table in [db.metadata.tables[name] for name in reversed(SHOWN)]:
        rows[table] = [row._asdict() for row in db.session.execute(select(table))]
        db.session.rollback()
        assert rows[table], f"{table} holds nothing"
        column = next(iter(table.columns)).name
        assert changes(text(f"UPDATE {table} SET {column} = {column}")), table
        assert changes(table.delete()), table
    for table in reversed(rows):
        assert changes(table.insert(), rows[table]), table


def test_a_statement_that_finds_no_row_changes_nothing(content):
    assert not changes(text("UPDATE posts SET title = 'Other' WHERE slug = 'none'"))


def test_an_appointment_that_comes_moves_or_goes_changes_the_version(content):
    before = content_version.look()
    with database.transaction() as session:
        session.add(appointment())
    assert content_version.look() != before
    assert changes(text("UPDATE appointments SET status = 'cancelled'"))
    assert changes(text("UPDATE appointments SET starts_at = starts_at"))
    assert changes(text("DELETE FROM appointments"))


def test_whose_appointment_it_is_changes_nothing(content):
    with database.transaction() as session:
        session.add(appointment())
    assert not changes(text("UPDATE appointments SET name = 'Anonymous', reminded_of = starts_at"))


def test_an_enquiry_changes_nothing(app):
    before = content_version.look()
    with database.transaction():
        enquire()
    assert content_version.look() == before


def test_what_is_taken_back_changes_nothing(content):
    before = content_version.look()
    with pytest.raises(RuntimeError), database.transaction() as session:
        session.execute(text("UPDATE posts SET title = 'Other'"))
        session.flush()
        raise RuntimeError
    assert content_version.look() == before


def test_the_version_is_another_after_each_of_many_changes(content):
    seen = {content_version.look()}
    for n in range(20):
        with database.transaction() as session:
            session.execute(text("UPDATE posts SET title = :title"), {"title": str(n)})
            session.execute(text("UPDATE posts SET summary = :title"), {"title": str(n)})
        seen.add(content_version.look())
    assert len(seen) == 21


def lose_connection(watch) -> None:
    if db.engine.dialect.name == "postgresql":
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        with db.engine.connect() as connection:
            connection.execute(text(f"{others} AND datname = current_database()"))
    else:
        watch._connection.close()


def test_a_look_needs_no_connection_that_lasts_but_what_was_seen_by_another_counts_for_nothing(app):
    watch = app.extensions["content_version"]
    before = watch.look()
    assert watch.look() == before
    lose_connection(watch)
    after = watch.look()
    assert after is not None
    assert after != before, "the database may have been put back to an older state meanwhile"


@pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)
def test_a_look_at_a_server_that_hangs_gives_up_and_the_next_one_sees_again(app, monkeypatch):
    watch = app.extensions["content_version"]
    before, process = watch.look(), watch._connection.info.backend_pid
    monkeypatch.setattr(content_version, "ANSWER_MS", 200)
    os.kill(process, signal.SIGSTOP)
    try:
        assert watch.look() is None
    finally:
        os.kill(process, signal.SIGCONT)
    monkeypatch.undo()
    assert watch.look() not in (None, before)


def test_while_the_database_is_away_nobody_waits_for_who_looks_whether_it_is_back(app, monkeypatch):
    watch = SlowWatch(db.engine)
    monkeypatch.setattr(watch, "_connect", lambda: 1 / 0)
    watch.let_go.release()
    assert watch.look() is None
    monkeypatch.undo()
    with ThreadPoolExecutor() as pool:
        assert watch.begun.acquire(timeout=60)
        one = pool.submit(watch.look)
        assert watch.begun.acquire(timeout=60)
        assert watch.look() is None
        watch.let_go.release()
        assert one.result(60) is not None
    watch.let_go.release()
    assert watch.look() is not None
    watch.close()


def kept_title() -> str:
    return content_version.kept("title", lambda: db.session.scalar(text("SELECT title FROM posts")))


def test_what_is_read_of_the_content_is_read_once_for_each_version(content, with_settings):
    def again(title):
        return content_version.kept("title", lambda: title)

    before = kept_title()
    assert again("read again") == before
    assert content_version.kept("other", lambda: "another key") == "another key"
    changes(text("UPDATE posts SET title = 'Other'"))
    db.session.rollback()
    assert kept_title() == again("read again") == "Other"
    with_settings(name="Other")
    assert again("read under other settings") == "read under other settings"


def test_what_a_transaction_alone_can_see_is_not_kept(content):
    before = db.session.scalar(text("SELECT title FROM posts"))
    with pytest.raises(RuntimeError), database.transaction() as session:
        session.execute(text("UPDATE posts SET title = 'Never'"))
        assert kept_title() == "Never"
        raise RuntimeError
    assert kept_title() == before


def test_what_a_transaction_that_began_before_sees_is_not_kept(content):
    """Of SQLite, whose readers see what there was when they began."""
    db.session.scalar(text("SELECT title FROM posts"))
    changes(text("UPDATE posts SET title = 'Other'"))
    kept_title()
    db.session.rollback()
    assert kept_title() == "Other"


def test_what_is_read_while_no_look_is_answered_is_right_and_not_kept(app, content, monkeypatch):
    watch = app.extensions["content_version"]
    watch.close()
    monkeypatch.setattr(watch, "_connect", lambda: 1 / 0)
    before = kept_title()
    changes(text("UPDATE posts SET title = 'Other'"))
    db.session.rollback()
    assert (before, kept_title()) == ("One", "Other")


def test_a_request_looks_once_and_the_next_one_looks_again(app, content):
    with app.test_request_context():
        first = content_version.of_request()
        changes(text("UPDATE posts SET title = 'Other'"))
        assert content_version.of_request() == first
    with app.test_request_context():
        assert content_version.of_request() != first


class SlowWatch(content_version.Watch):
    """Its looks wait to be let go, and tell when they have begun."""

    def __init__(self, engine):
        super().__init__(engine)
        self.looks, self.begun, self.let_go = 0, Semaphore(0), Semaphore(0)

    def _asked(self):
        self.looks += 1
        self.begun.release()
        assert self.let_go.acquire(timeout=60)
        return super()._asked()


def test_who_asks_while_another_looks_waits_for_a_look_of_its_own_time_and_shares_it(app, content, monkeypatch):
    watch, came, take = SlowWatch(db.engine), [], content_version.Look.take
    monkeypatch.setattr(content_version.Look, "take", lambda look: (came.append(look), take(look))[1])
    with ThreadPoolExecutor() as pool:
        first = pool.submit(watch.look)
        assert watch.begun.acquire(timeout=60)
        others = [pool.submit(watch.look) for _ in range(4)]
        wait_for(lambda: len(came) == 5, "all to ask")
        assert changes(text("UPDATE posts SET title = 'Other'"))
        watch.let_go.release(2)
        seen = {other.result(60) for other in others}
        first.result(60)
    watch.let_go.release()
    assert seen == {watch.look()}, "all have seen what was written before the second look"
    assert watch.looks == 3, "one look for the first, one for the others, one for the test"
    watch.close()


def test_a_look_that_is_broken_off_before_it_begins_holds_up_nobody(app):
    watch = content_version.Watch(db.engine)
    broken = watch._next

    class Interrupted:
        def __enter__(self):
            raise KeyboardInterrupt

        def __exit__(self, *_):
            pass

    turn, watch._turn = watch._turn, Interrupted()
    with pytest.raises(KeyboardInterrupt):
        watch.look()
    watch._turn = turn
    assert broken.told() is None
    assert watch.look() == (1, content_version.look()[1])
    watch.close()


def test_a_look_holds_up_nobody_who_writes(content):
    content_version.look()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE posts SET title = 'Other'"))
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            assert not busy
