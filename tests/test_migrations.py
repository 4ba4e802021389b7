"""Migrations make the schema that the models describe, and lose nothing of what is there."""

import itertools
import re
import secrets
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

import clinic_app
from clinic_app import create_app, database, schema
from clinic_app.extensions import db

from . import databases

VERSIONS = Path(clinic_app.__file__).parent / "migrations" / "versions"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
# Values that rules of the schema ask for. Every other column gets one by its type; what may be empty stays so in
# every other row.
ASKED_FOR = {
    ("mail_outbox", "state"): "queued",
    ("mail_outbox", "claim"): None,
    ("mail_outbox", "sent_at"): None,
    ("enquiries", "state"): "new",
    ("posts", "draft"): True,
    ("testimonials", "state"): "hidden",
    ("testimonials", "is_featured"): False,
    ("services", "confirm"): "staff",
    ("services", "minutes"): 30,
    ("services", "gap_minutes"): 5,
    ("hours_exceptions", "kind"): "time_off",
    ("appointments", "status"): "cancelled",
    ("audit_entries", "kind"): "enquiry",
    ("erasures", "kind"): "erased",
    ("appointment_changes", "done_by"): "staff",
    ("enquiry_entries", "kind"): "note",
}
ALWAYS = {"enquiries.email", "appointments.email", "hours_exceptions.practitioner_id", "audit_entries.about_id"}
# Pairs that come together or not at all.
TOGETHER = {"consent_at", "consent_how", "source", "source_id"}
OF_ONE_ROW = {"alembic_version", "content_version"}


def test_the_migrated_schema_is_the_one_that_the_models_describe(app):
    assert differences() == []


def test_indexes_of_some_rows_have_the_condition_that_the_models_name(app):
    partial = {
        index.name: index.info["where"]
        for table in db.metadata.tables.values()
        for index in table.indexes
        if "where" in index.info
    }
    found = {
        index["name"]: index["dialect_options"].get(f"{db.engine.dialect.name}_where")
        for table in db.metadata.tables
        for index in sa.inspect(db.engine).get_indexes(table)
    }
    assert {name: words(str(found[name])) for name in partial} == {name: words(partial[name]) for name in partial}


def words(sql: str) -> set[str]:
    """What a condition is made of, however a database writes it back."""
    return set(re.findall(r"[a-z_]+", sql)) - {"text", "character", "varying", "array"}


def test_a_migrated_database_is_not_behind(app):
    assert schema.pending_migrations() == []


def test_their_files_tell_the_revisions_and_their_order():
    assert schema.revisions() == revisions()


@pytest.mark.parametrize("script", sorted(VERSIONS.glob("*.py")), ids=lambda path: path.stem)
def test_an_upgrade_takes_nothing_away_that_an_older_server_uses(script):
    """While servers are exchanged one by one, old ones go on with the new schema."""
    up = script.read_text().partition("def downgrade")[0]
    assert not re.findall(r"drop_table|drop_column|alter_column|batch_alter|rename_table|drop_constraint", up)


def differences() -> list:
    """Between the database and the models."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": schema.in_models}
        )
        return compare_metadata(context, db.metadata)


def revisions() -> list[str]:
    """All revisions, oldest first."""
    scripts = ScriptDirectory(str(VERSIONS.parent))
    return [script.revision for script in scripts.walk_revisions()][::-1]


class Climb:
    """A database that climbs from the first revision to the last.

    At each, every table that exists gets a new row, as if the site had been in use at that revision; so every
    migration meets rows in every table, of every age.
    """

    def __init__(self):
        self.numbers = itertools.count(1)
        self.written: dict[str, list[dict]] = {}

    def go(self) -> None:
        for revision in revisions():
            schema.upgrade(revision=revision)
            self.fill()

    def fill(self) -> None:
        """A new row for every table."""
        tables = sa.MetaData()
        tables.reflect(db.engine)
        with db.engine.begin() as connection:
            for table in tables.sorted_tables:
                if not schema.in_models(table.name, "table", {}) or table.name in OF_ONE_ROW:
                    continue
                values = self._row(connection, table)
                connection.execute(table.insert().values(values))
                self._keep(connection, table, values)

    def _keep(self, connection, table, values: dict) -> None:
        """Remember the row as the database gives it."""
        itself = [column == values[column.name] for column in table.primary_key]
        row = connection.execute(sa.select(table).where(*itself)).one()
        self.written.setdefault(table.name, []).append(dict(row._mapping))

    def _row(self, connection, table) -> dict:
        n = next(self.numbers)
        return {column.name: self._value(connection, table, column, n) for column in table.columns}

    def _value(self, connection, table, column, n: int):
        if (table.name, column.name) in ASKED_FOR:
            return ASKED_FOR[table.name, column.name]
        empty = column.nullable and n % 2 and f"{table.name}.{column.name}" not in ALWAYS
        if empty or (column.nullable and column.name in TOGETHER and n % 2):
            return None
        if key := next(iter(column.foreign_keys), None):
            # The newest row, whose number no row of this table has yet.
            return connection.scalar(sa.select(sa.func.max(key.column)))
        return self._of_type(column, n)

    def _of_type(self, column, n: int):
        if column.name in ("starts_at", "ends_at", "busy_until"):
            minutes = {"starts_at": 0, "ends_at": 30, "busy_until": 45}[column.name]
            return NOON + timedelta(days=n, minutes=minutes)
        if column.primary_key and isinstance(column.type, sa.Integer):
            return n
        kinds = (
            (sa.Boolean, True),
            (sa.Integer, n % 7),
            (sa.DateTime, NOON),
            (sa.Date, date(2026, 11, 24)),
            (sa.Time, time(n % 24, n % 60)),
            (sa.JSON, [n]),
            (sa.LargeBinary, b"invented %d" % n),
            (sa.String, f"{n}-invented"[: getattr(column.type, "length", None)]),
        )
        return next(value for kind, value in kinds if isinstance(column.type, kind))


@pytest.fixture(scope="module", params=databases.KINDS)
def climbed(request, tmp_path_factory):
    """An application whose database has climbed, and the climb; the context of the application is open."""
    environ = {}
    if request.param == "postgresql":
        name = f"climbed_{secrets.token_hex(4)}"  # a worker may come to make it twice
        environ["CLINIC_DATABASE_URL"] = databases.create_database(request.getfixturevalue("postgres"), name)
    app = create_app(instance=tmp_path_factory.mktemp("climbed"), environ=environ)
    with app.app_context():
        climb = Climb()
        try:
            climb.go()
            yield climb
        finally:
            db.session.remove()
            db.engine.dispose()


def test_an_upgrade_from_any_revision_loses_nothing(climbed):
    tables = sa.MetaData()
    tables.reflect(db.engine)
    assert set(climbed.written) == {name for name in db.metadata.tables if name in tables.tables} - OF_ONE_ROW
    with db.engine.connect() as connection:
        for name, rows in climbed.written.items():
            now = [dict(row._mapping) for row in connection.execute(sa.select(tables.tables[name]))]
            for row in rows:
                # All columns that it had are there, with what they held.
                assert row in [{column: later[column] for column in row} for later in now], (name, row)


def test_an_upgraded_schema_is_the_models_with_all_rules_and_triggers(climbed, migrated_schema):
    assert differences() == []
    assert rules() == migrated_schema[db.engine.dialect.name]


@pytest.fixture(scope="module")
def migrated_schema(tmp_path_factory, request):
    """The rules of databases that were migrated while they were empty, by kind."""
    found = {}
    for kind in databases.KINDS:
        environ = {}
        if kind == "postgresql":
            server = request.getfixturevalue("postgres")
            environ["CLINIC_DATABASE_URL"] = databases.create_database(server, "migrated_empty")
        app = create_app(instance=tmp_path_factory.mktemp("empty"), environ=environ)
        with app.app_context():
            schema.upgrade()
            found[kind] = rules()
            db.engine.dispose()
    return found


def rules() -> set:
    """What a database says of its own tables, indexes, triggers, constraints and functions."""
    with db.engine.connect() as connection:
        if database.is_sqlite():
            return {tuple(row) for row in connection.execute(sa.text("SELECT type, name, sql FROM sqlite_master"))}
        queries = (
            "SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace",
            "SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger "
            "WHERE NOT tgisinternal",
            "SELECT indexname, tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT proname, '', prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        )
        return {tuple(row) for query in queries for row in connection.execute(sa.text(query))}


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE audit_entries SET action = 'x'", "audit_entries_are_only_added"),
        ("DELETE FROM audit_entries", "audit_entries_are_only_added"),
        ("UPDATE testimonials SET text = 'x'", "testimonial_text_is_verbatim"),
        ("UPDATE appointments SET status = 'booked', starts_at = '2027-06-01 00:00:00.000000+00:00', "
         "ends_at = '2027-06-01 00:30:00.000000+00:00', busy_until = '2027-06-01 00:45:00.000000+00:00', "
         "practitioner_id = (SELECT min(id) FROM practitioners)", "appointments_do_not_overlap"),
        ("UPDATE mail_outbox SET event = 'one', to_address = 'one'", "one_mail_per_event_and_recipient|UNIQUE"),
    ],
)  # fmt: skip
def test_rules_hold_after_an_upgrade(climbed, statement, rule):
    if database.is_sqlite():
        statement = statement.replace("+00:00", "")
    with pytest.raises(DBAPIError, match=rule), db.engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_no_number_is_used_twice(climbed):
    """The newest row is erased, as a person's can be; the next one does not get its number."""
    tables = sa.MetaData()
    tables.reflect(db.engine)
    with db.engine.begin() as connection:
        enquiries = tables.tables["enquiries"]
        newest = climbed.written["enquiries"][-1]
        if not database.is_sqlite():  # the rows above brought their own numbers
            connection.execute(sa.text(f"SELECT setval('enquiries_id_seq', {newest['id']})"))
        connection.execute(sa.text("DELETE FROM appointments"))
        connection.execute(enquiries.delete().where(enquiries.c.id == newest["id"]))
        own = ("id", "reference", "form_key")
        without = {name: value for name, value in newest.items() if name not in own}
        again = enquiries.insert().values(**without, reference="again", form_key="again")
        assert connection.scalar(again.returning(enquiries.c.id)) > newest["id"]
        connection.rollback()


def test_every_table_that_the_audit_trail_names_counts_on(climbed):
    if not database.is_sqlite():
        return
    with db.engine.connect() as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
        counting = set(connection.scalars(sa.text(query)))
        assert counting >= {"appointments", "enquiries", "mail_outbox", "members", "posts", "testimonials"}
        assert connection.scalar(sa.text("PRAGMA integrity_check")) == "ok"
        assert connection.execute(sa.text("PRAGMA foreign_key_check")).all() == []


def test_words_that_were_kept_are_found_by_plain_letters(climbed):
    """A migration again, on rows as they were before it."""
    migration = import_module("clinic_app.migrations.versions.0034_letters_without_accents")
    with db.engine.connect() as connection:
        tables = [(sa.table(table, sa.column(name)), name) for table, name in migration.KEPT]
        for table, name in tables:
            connection.execute(table.update().values({name: "đang łukasz æøðþħıœŧ zoe"}))
        with Operations.context(MigrationContext.configure(connection)):
            migration.upgrade()
        for table, name in tables:
            assert set(connection.scalars(sa.select(table.c[name]))) == {"dang lukasz aeodthhioet zoe"}
        if database.is_sqlite():
            assert connection.scalar(sa.text("SELECT count(*) FROM enquiry_search WHERE words MATCH 'lukasz'"))
        connection.rollback()


def test_names_of_other_testimonials_leave_what_was_kept_of_one(climbed):
    """A migration again, on rows as they were before it."""
    migration = import_module("clinic_app.migrations.versions.0033_testimonials_by_number")
    others = [{"rule": "symptom", "why": "Names a part (of) the body."}]
    why = "Has 73% of its word pairs in common with testimonial 12"
    held = others + [{"rule": "duplicate", "why": f'{why} (Jo (née "F")\nFictional).'}]
    with db.engine.connect() as connection:
        number = climbed.written["testimonials"][-1]["id"]
        history = migration.DECISIONS
        connection.execute(migration.TESTIMONIALS.update().where(sa.column("id") == number).values(reasons=held))
        entry = connection.scalar(sa.select(sa.func.max(history.c.id)))
        note = "No longer featured: Testimonial 12 by Jo is. Fictional is."
        connection.execute(history.update().where(history.c.id == entry).values(waved_through=held, note=note))
        with Operations.context(MigrationContext.configure(connection)):
            migration.upgrade()
        told = others + [{"rule": "duplicate", "why": f"{why}."}]
        reasons = sa.select(migration.TESTIMONIALS.c.reasons).where(sa.column("id") == number)
        assert connection.scalar(reasons) == told
        found = connection.execute(sa.select(history).where(history.c.id == entry)).one()
        assert (found.waved_through, found.note) == (told, "No longer featured: testimonial 12 is.")
        connection.rollback()


def test_migrations_stand_in_one_line_in_the_order_of_their_files_names():
    """A server takes the last name for the newest, and loads Alembic only where the database stands elsewhere."""
    names = sorted(path.stem for path in (schema.MIGRATIONS / "versions").glob("[0-9]*.py"))
    in_line = [script.revision for script in ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions()]
    assert in_line[::-1] == names
