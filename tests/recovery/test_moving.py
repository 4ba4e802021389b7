"""A site that goes from SQLite to PostgreSQL takes everything with it, or stays where it is."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, func, inspect, select, text

from clinic_app import create_app, schema
from clinic_app.accounts.models import AuditEntry
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.health import storage
from clinic_app.recovery import moving
from clinic_app.recovery.refusals import (
    AlreadyThere,
    NewerThanProgram,
    NotTaken,
    NotWhole,
    OlderThanProgram,
    OtherDatabase,
    StillInUse,
)

from .. import databases
from ..bench import growth, hot_pages
from ..server import Server
from ..staff.conftest import PASSWORD, new_member
from ..test_growth import FEW
from ..test_many_machines import Browser
from ..test_migrations import Climb
from .conftest import COMPILED, NUMBERS, Sites, close, enquire


@pytest.fixture
def old(first_sites, tmp_path):
    """A site on SQLite; nothing is connected to it."""
    return Sites("sqlite", tmp_path / "sites", None, like=first_sites("sqlite", None)).new()


@pytest.fixture
def file(old):
    return Path(old.instance_path) / "clinic.sqlite"


@pytest.fixture
def new(old, postgres):
    """The same site once `database_url` names a PostgreSQL database, which is empty, and not of UTC."""
    name = f"moved_{next(NUMBERS)}"
    url = databases.create_database(postgres, name)
    app = create_app(instance=Path(old.instance_path), environ={"CLINIC_DATABASE_URL": url})
    app.jinja_env.bytecode_cache = COMPILED
    write(app, f"ALTER DATABASE {name} SET timezone TO 'Australia/Sydney'")
    yield app
    with app.app_context():
        close()


def write(app, *statements: str) -> None:
    """As somebody writes to the site's database who is gone again."""
    with app.app_context():
        with db.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        close()


def copy(app, file):
    """As `flask copy-database` does it."""
    with app.app_context():
        return moving.copy(file)


def stored(engine) -> dict[str, list]:
    """Each table's rows as they are stored, but for the version of the content, which is the database's own."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted(repr([_plain(value) for value in row]) for row in connection.execute(select(table)))
            for name in sorted(db.metadata.tables)
            if name != "content_version"
            for table in [tables.tables[name]]
        }


def _plain(value):
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def holds_nothing(app) -> bool:
    with app.app_context():
        names = inspect(db.engine).get_table_names()
        with db.engine.connect() as connection:
            return not names or databases.written(connection) == {"content_version"}


def setup(app):
    done = app.test_cli_runner().invoke(args=["setup"])
    return done.exit_code, done.output + done.stderr


def doctor(app) -> list[tuple[str, str]]:
    """What it says is to be done about the database: how grave, and the first that would do."""
    with app.app_context():
        found = storage.find_database()
        db.session.remove()
        return [(each.state, each.advice.partition(";")[0]) for each in found if each.state != "ok"]


def test_every_row_of_every_table_arrives_as_it_was_stored(old, new, file):
    with old.app_context():
        climb = Climb()
        climb.fill()
        climb.fill()
        before = stored(db.engine)
        close()
    assert all(before.values())
    copied = copy(new, file)
    with new.app_context():
        after = stored(db.engine)
        (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "copied the database"))
        assert entry.details == {"rows": copied.rows}
    assert len(after["audit_entries"]) == len(before["audit_entries"]) + 1
    assert set(after.pop("audit_entries")) > set(before.pop("audit_entries"))
    assert after == before


def test_sealed_words_stay_sealed_and_are_read_by_the_same_keys(old, new, file):
    with old.app_context():
        enquire(2)
    assert old.test_cli_runner().invoke(args=["encrypt", "on"]).exit_code == 0
    with old.app_context():
        before = stored(db.engine)["enquiries"]
        close()
    copy(new, file)
    with new.app_context():
        assert "\\x02f1:" in before[0]
        assert stored(db.engine)["enquiries"] == before
        assert set(db.session.scalars(select(Enquiry.message))) == {"My knee clicks on stairs."}


def test_numbers_go_on_behind_the_last_one_also_where_its_row_is_erased(old, new, file):
    with old.app_context():
        enquire(3)
        close()
    write(old, *(f"DELETE FROM {table}" for table in ("enquiry_words", "enquiry_entries", "enquiries")))  # noqa: S608
    copy(new, file)
    with new.app_context():
        enquire()
        assert db.session.scalar(select(func.max(Enquiry.id))) == 4


def test_rows_that_refer_to_later_ones_of_their_table_arrive(old, new, file):
    with old.app_context():
        climb = Climb()
        climb.fill()
        climb.fill()
        close()
    write(old, "UPDATE testimonials SET resembles_id = (SELECT max(id) FROM testimonials)")
    copy(new, file)


def test_rules_hold_and_pages_change_after_the_move(old, new, file):
    with old.app_context():
        Climb().fill()
        close()
    copy(new, file)
    with new.app_context():
        with pytest.raises(Exception, match="audit_entries_are_only_added"), db.engine.begin() as connection:
            connection.execute(text("DELETE FROM audit_entries"))
        assert schema.pending_migrations() == []
        assert db.session.scalar(text("SELECT version FROM content_version")) != 0


def test_a_database_that_holds_records_is_refused(old, new, file):
    with new.app_context():
        schema.upgrade()
        enquire()
        close()
    with pytest.raises(AlreadyThere, match=r"holds records already \(5 rows\)\. Name an empty one"):
        copy(new, file)


def test_a_database_that_was_only_migrated_is_taken(old, new, file):
    with new.app_context():
        schema.upgrade()
        close()
    assert copy(new, file).tables["enquiries"] == 0


def test_a_file_of_an_older_schema_is_refused_with_what_to_do_which_helps(new, tmp_path):
    older = Sites("sqlite", tmp_path / "older", None).new(revision="0023_purges_places")
    file = Path(older.instance_path) / "clinic.sqlite"
    with pytest.raises(OlderThanProgram, match="lacks migrations") as refused:
        copy(new, file)
    assert holds_nothing(new)
    _, _, said = str(refused.value).partition(": CLINIC_DATABASE_URL=")
    url, *command = said.removesuffix("flask setup --no-starter").split()
    assert (url, command) == (f"sqlite:///{file}", [])
    with older.app_context():
        assert older.test_cli_runner().invoke(args=["setup", "--no-starter"]).exit_code == 0
        close()
    assert copy(new, file).tables["enquiries"] == 0


def test_a_file_of_a_later_schema_is_refused(old, new, file):
    write(old, "UPDATE alembic_version SET version_num = '9999_later'")
    with pytest.raises(NewerThanProgram, match="9999_later"):
        copy(new, file)
    assert holds_nothing(new)


def test_a_site_that_runs_on_either_is_not_pulled_from_under_itself(old, new, file, monkeypatch):
    monkeypatch.setattr(moving.postgresql_store, "LEAVING_SECONDS", 0)
    for app in (old, new):
        with app.app_context():
            other = create_engine(db.engine.url)
        with other.connect() as connection:
            connection.execute(text("CREATE TEMPORARY TABLE mine (id INTEGER)"))
            connection.execute(text("SELECT * FROM sqlite_master" if app is old else "SELECT 1")).all()
            with pytest.raises(StillInUse, match="stop the site first"):
                copy(new, file)
        other.dispose()
    copy(new, file)


def test_a_row_that_breaks_a_rule_leaves_nothing_behind(old, new, file):
    with old.app_context():
        enquire(2)
        close()
    write(old, "UPDATE mail_outbox SET subject = 'x' || char(0) WHERE id = 4")
    with pytest.raises(NotTaken, match="did not take mail_outbox: .*NUL"):
        copy(new, file)
    assert holds_nothing(new)
    write(old, "UPDATE mail_outbox SET subject = 'x', to_address = printf('%.400c', 'x') WHERE id = 4")
    with pytest.raises(NotTaken, match="did not take mail_outbox: value too long"):
        copy(new, file)
    assert holds_nothing(new)


def test_rows_that_do_not_arrive_are_noticed(old, new, file, monkeypatch):
    with old.app_context():
        enquire(2)
        close()
    whole = moving._tables
    monkeypatch.setattr(moving, "_tables", lambda: [table for table in whole() if table.name != "enquiry_words"])
    with pytest.raises(NotWhole, match="enquiry_words has 0 rows and should have 2"):
        copy(new, file)
    assert holds_nothing(new)


def test_what_is_no_database_of_the_program_is_refused(old, new, tmp_path):
    nothing, other = tmp_path / "nothing", tmp_path / "other"
    nothing.write_bytes(b"not a database" * 100)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE invented (id INTEGER)")
    told = (
        (nothing, "cannot be read: file is not a database"),
        (other, "not a database of this"),
        (tmp_path, "cannot be read: unable to open"),
    )
    for path, says in told:
        with pytest.raises(NotWhole, match=says):
            copy(new, path)


def test_the_setting_comes_first(old, file):
    with pytest.raises(OtherDatabase, match="Set database_url first"):
        copy(old, file)


def test_the_command_says_what_it_did_and_a_set_up_before_it_names_it(old, new, file):
    with old.app_context():
        enquire(2)
        close()
    status, said = setup(new)
    assert status == 1
    assert "Loading starter content" not in said
    assert f"`flask copy-database {file}`" in said
    assert doctor(new) == [("fail", f"Stop the site and run `flask copy-database {file}`")]
    assert holds_nothing(new)
    done = new.test_cli_runner().invoke(args=["copy-database", str(file)])
    assert done.exit_code == 0, done.output
    assert "Copied 10 rows of" in done.output
    assert setup(new)[0] == 0
    assert doctor(new) == [("warn", "Remove it once you have all that was in it: it holds patients' words.")]


@pytest.mark.parametrize("what", ["nothing", "starter content"])
def test_a_file_without_records_of_its_own_holds_no_set_up_back(old, new, what):
    if what == "starter content":
        assert setup(old)[0] == 0
        with old.app_context():
            close()
    status, said = setup(new)
    assert status == 0, said
    assert "Loading starter content." in said


def test_content_that_was_brought_in_is_of_its_own(old, new):
    assert setup(old)[0] == 0
    write(old, "UPDATE posts SET slug = 'written-by-the-clinic' WHERE id = 1")
    assert setup(new)[0] == 1


def test_starter_content_in_the_new_database_hides_no_records(old, new):
    """As it came there with earlier versions of the program."""
    assert setup(new)[0] == 0
    with old.app_context():
        enquire()
        close()
    assert setup(new)[0] == 1


def test_a_server_on_what_was_copied_shows_every_page_to_whoever_was_signed_in(postgres, tmp_path):
    folder = tmp_path / "site"
    site = Server(folder, rate_limits="off", mail_worker="separate", module="tests.hasty")
    site.set_up()
    pages, email = _grown(folder)
    site.flask("encrypt", "on")
    staff = Browser()
    site.start()
    assert staff.open(f"{site.url}/staff/sign-in", email=email, password=PASSWORD)[0] == 200
    site.stop()
    site.environ["CLINIC_DATABASE_URL"] = databases.create_database(postgres, f"moved_{next(NUMBERS)}")
    assert "Copied " in site.flask("copy-database", str(folder / "clinic.sqlite")).stdout
    said = site.flask("setup")
    assert "starter" not in said.stdout
    assert "first owner" not in said.stderr
    site.start()
    try:
        statuses = {name: staff.open(site.url + path)[0] for name, path in pages.items()}
        assert {name: status for name, status in statuses.items() if status != 200} == {}
    finally:
        site.kill()


def _grown(folder: Path) -> tuple[dict[str, str], str]:
    """Fill the site in this folder; gives its pages' addresses, and an owner's."""
    app = create_app(instance=folder, environ={})
    app.jinja_env.bytecode_cache = COMPILED
    with app.app_context():
        growth.grow(share=0, fewest=FEW, say=lambda _: None)
        growth.keep_figures()
        found = hot_pages.pages(hot_pages.things_there()), new_member("owner").email
        close()
    return found
