"""Figures of past weeks are kept, and counted again once something in them changes."""

from datetime import timedelta
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import delete, func, insert, select, update

from clinic_app import clock, database, schema
from clinic_app.booking import figures as appointment_figures
from clinic_app.booking import kept_figures as appointments
from clinic_app.booking.models import Appointment, AppointmentWeek
from clinic_app.cli.content import bring_in_folder
from clinic_app.enquiries import figures as enquiry_figures
from clinic_app.enquiries import kept_figures as enquiries
from clinic_app.enquiries.models import Enquiry, EnquiryWeek
from clinic_app.extensions import db
from clinic_app.times import kept_weeks
from clinic_app.times.weeks import Weeks

from ..bench import bulk, growth, growth_appointments, past
from ..booking.make import keep, undone_making
from ..queries import noted
from ..reading import how_many

EACH = {Appointment: (appointments, AppointmentWeek), Enquiry: (enquiries, EnquiryWeek)}


@pytest.fixture(autouse=True)
def grown(app, made_once, monkeypatch):
    """A site with a year and a half of a little of everything, of which nothing is kept yet."""
    for module in (past, growth_appointments):
        monkeypatch.setattr(module, "DAYS", 550)
    made_once("a year and a half", lambda: _grow(app))


def _grow(app) -> None:
    bring_in_folder(Path(app.root_path) / "starter")
    behind = past.Past(share=0, fewest=200)
    with bulk.opened() as there:
        for make in growth.TABLES:
            for name, columns, rows in make(behind):
                if name in ("practitioners", "offerings", "enquiries", "appointments"):
                    there.add(name, columns, rows)


def keep_all(which) -> int:
    """Keep week after week as workers do; gives how many steps that took."""
    steps = 0
    while which.is_due():
        with database.transaction():
            which.keep()
        steps += 1
        assert steps < 200
    db.session.rollback()
    return steps


def told() -> tuple:
    """All figures of more than a year, up to some weeks ahead."""
    db.session.rollback()
    weeks = Weeks.ending(clock.today() + timedelta(days=20), 70)
    found = appointment_figures.by_week(weeks), appointment_figures.busy_hours(weeks), enquiry_figures.of(weeks)
    db.session.rollback()
    return found


def test_what_is_kept_tells_the_same_as_counting_and_counts_nothing_again(app):
    before = told()
    assert sum(week.total for week in before[0]) > 100
    assert before[2].waits.answered > 100
    for which, model in EACH.values():
        assert keep_all(which) == -(-how_many(model) // kept_weeks.AT_ONCE)
        assert how_many(model) > 70
    with noted() as sent:
        assert told() == before
    counting = [each.sql for each in sent if "count(" in each.sql]
    assert len(counting) == 3, counting  # what is not over yet


def test_weeks_that_are_not_over_are_not_kept(app):
    for which, model in EACH.values():
        keep_all(which)
        newest = db.session.scalar(select(func.max(model.ends_at)))
        assert timedelta(days=2) <= clock.now() - newest <= timedelta(days=9)


AT = {Appointment: Appointment.starts_at, Enquiry: Enquiry.received_at}
CHANGES = {
    "an appointment's status": (Appointment, {"status": "noshow"}, 1),
    "an appointment's time": (Appointment, {"starts_at": -7, "ends_at": -7, "busy_until": -7}, 2),
    "an enquiry's state": (Enquiry, {"state": "spam"}, 1),
    "an enquiry's time": (Enquiry, {"received_at": -7}, 2),
    "an enquiry's first answer": (Enquiry, {"first_answered_at": 1}, 1),
}


def one_long_ago(model):
    """A row that was counted in a week that is kept; the query of that week's own row."""
    at = AT[model]
    answered = (
        [Enquiry.first_answered_at.is_not(None)] if model is Enquiry else [Appointment.status == "fulfilled"]
    )
    query = select(model).where(at < clock.now() - timedelta(days=300), *answered).order_by(at.desc()).limit(1)
    found, (_, table) = db.session.scalar(query), EACH[model]
    week = Weeks.ending(clock.local(getattr(found, at.key)).date(), 1)
    return found, select(table).where(week.hold(table.starts_at))


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_takes_away_the_weeks_that_it_touches_and_no_others(app, change):
    model, values, touched = CHANGES[change]
    which, table = EACH[model]
    keep_all(which)
    found, of_week = one_long_ago(model)
    count, number = how_many(table), found.id
    for name, value in values.items():
        values = values | {name: getattr(found, name) + timedelta(days=value) if isinstance(value, int) else value}
    with database.transaction():
        db.session.execute(update(model).where(model.id == number).values(values))
    assert count - how_many(table) == touched
    assert db.session.scalar(of_week) is None
    counted_again = told()
    keep_all(which)
    assert how_many(table) == count
    assert told() == counted_again


@pytest.mark.parametrize("model", AT, ids=lambda model: model.__name__)
def test_so_does_one_that_comes_or_goes(app, model):
    which, table = EACH[model]
    keep_all(which)
    found, of_week = one_long_ago(model)
    values = {column.key: getattr(found, column.key) for column in model.__table__.columns}
    for statement in (delete(model).where(model.id == found.id), insert(model).values(values)):
        assert db.session.scalar(of_week) is not None
        with database.transaction():
            db.session.execute(statement)
        assert db.session.scalar(of_week) is None
        counted_again = told()
        keep_all(which)
        assert told() == counted_again


def test_what_says_nothing_of_figures_takes_nothing_away(app):
    for which, _ in EACH.values():
        keep_all(which)
    before = [how_many(table) for _, table in EACH.values()]
    with database.transaction():
        db.session.execute(update(Appointment).values(note="Left knee"))
        db.session.execute(update(Enquiry).values(topic="Something else"))
    assert [how_many(table) for _, table in EACH.values()] == before


def test_in_another_time_zone_weeks_are_other_weeks(app, with_settings):
    for which, _ in EACH.values():
        keep_all(which)
    with_settings(timezone="America/New_York")
    counted = told()
    for which, table in EACH.values():
        assert which.is_due()
        keep_all(which)
        assert set(db.session.scalars(select(table.zone))) == {"America/New_York"}
    assert told() == counted


def test_weeks_that_were_kept_with_what_was_undone_at_once_are_counted_again(app):
    keep_all(appointments)
    count = how_many(AppointmentWeek)
    long_ago = Appointment.starts_at < clock.now() - timedelta(days=300)
    cancelled = select(Appointment.id).where(Appointment.status == "cancelled", long_ago)
    keep(undone_making(db.session.scalar(cancelled.order_by(Appointment.starts_at.desc()).limit(1))))
    stale = told()
    migrate("0030_weeks_without_undone")
    assert count - how_many(AppointmentWeek) == 1
    counted_again = told()
    assert cancelled_in(counted_again) == cancelled_in(stale) - 1
    keep_all(appointments)
    assert told() == counted_again


def migrate(revision: str) -> None:
    """Do what an upgrade to this revision does, once more."""
    script = ScriptDirectory(str(schema.MIGRATIONS)).get_revision(revision)
    with db.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        script.module.upgrade()


def cancelled_in(figures: tuple) -> int:
    return sum(week.cancelled for week in figures[0])


@pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)
def test_who_is_just_writing_is_not_waited_for_and_not_missed(app):
    """The figures would lack what another server writes and has not committed. SQLite's writers take turns."""
    for which, table in EACH.values():
        model = next(model for model, pair in EACH.items() if pair[0] is which)
        with db.engine.connect() as other, other.begin():
            other.execute(update(model).values({AT[model].key: AT[model]}))
            with database.transaction():
                which.keep()
            assert how_many(table) == 0
        with database.transaction():
            which.keep()
        assert how_many(table) == kept_weeks.AT_ONCE
