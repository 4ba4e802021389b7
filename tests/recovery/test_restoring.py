"""A backup that is put back brings all of it back, or nothing is changed."""

import errno
import re
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Timer

import pytest
import time_machine
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.pool import NullPool

from clinic_app import clock, create_app, database, schema, servers
from clinic_app.accounts.models import AuditEntry, Member, SignIn
from clinic_app.cli import recovery as commands
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.mail import changing, claims
from clinic_app.mail.models import OutboxMail
from clinic_app.people import erasing, finding, identities
from clinic_app.people.models import ERASED
from clinic_app.pictures import media
from clinic_app.recovery import archive, making, postgresql_store, restoring, stores
from clinic_app.recovery.refusals import (
    AlreadyThere,
    NewerThanProgram,
    NotTheOwner,
    NotWhole,
    OtherDatabase,
    PassphraseNeeded,
    ProgramFailed,
    Refused,
    StillInUse,
)

from .. import databases
from ..factories import submission
from ..server import DEADLINE_SECONDS
from .conftest import ON_POSTGRESQL, ON_SQLITE, PASSPHRASE, Sites, close, enquire, enquiries, picture

# Holds the locks of a SQLite that reads a log anew (sqlite.org/walformat.html), until its input ends.
READS_LOG = """
import fcntl, sys
with open(f"{sys.argv[1]}-shm", "w+b") as index:
    index.write(bytes(32768))
    index.flush()
    fcntl.lockf(index, fcntl.LOCK_EX, 3, 120)  # WRITE, CKPT and RECOVER
    fcntl.lockf(index, fcntl.LOCK_SH, 1, 128)  # somebody has the file open
    print(flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "backup"


def restore(app, file, **options):
    """As `flask restore` does it: with nothing else at the database."""
    with app.app_context():
        close()
        done = restoring.restore(file, **options)
        close()
        return done


def put_aside(app, sites):
    """The places where restores have put what was there."""
    if sites.kind == "sqlite":
        return sorted(Path(app.instance_path).glob("before-restore-*"))
    with app.app_context():
        names = [name for name in inspect(db.engine).get_schema_names() if name.startswith("before_restore")]
        close()
        return names


def test_a_new_machine_gets_everything_back(sites, file):
    old = sites.new()
    with old.app_context():
        enquire(3)
        database_words = set(db.session.scalars(select(Enquiry.message)))
        picture("knee.0123456789ab.png", b"\x89PNG invented")
        (Path(old.instance_path) / "clinic.toml").write_text('name = "Invented Clinic"')
        making.make(file, passphrase=PASSPHRASE, with_secrets=True)
        close()
    new = sites.new(revision="")
    done = restore(new, file, passphrase=PASSPHRASE)
    with new.app_context():
        assert enquiries() == 3
        assert set(db.session.scalars(select(Enquiry.message))) == database_words
        assert (media.folder() / "knee.0123456789ab.png").read_bytes() == b"\x89PNG invented"
        assert (Path(new.instance_path) / "clinic.toml").read_text() == 'name = "Invented Clinic"'
        assert (Path(new.instance_path) / "secret_key").read_text() == old.config["SECRET_KEY"]
        assert schema.pending_migrations() == []
    assert (done.aside, done.migrations, done.waiting_mails) == (None, 0, 6)
    assert [path.name for place in put_aside(new, sites) for path in place.iterdir()] in ([], ["secret_key"])


def test_a_mail_that_was_withdrawn_in_a_workers_hand_does_not_wait_after_a_restore(sites, file):
    old = sites.new()
    with old.app_context():
        enquire(1)
        [claimed] = claims.claim(clock.now(), limit=1)
        with database.transaction():
            changing.withdraw_untrue(claimed.id, reason="it was cancelled since")
        making.make(file)
        close()
    assert restore(sites.new(revision=""), file).waiting_mails == 1


def test_data_that_is_there_is_not_overwritten_untold(sites, file):
    app = sites.new()
    with app.app_context():
        enquire(1)
        making.make(file)
        enquire(1)
    with pytest.raises(AlreadyThere, match="--replace"):
        restore(app, file)
    with app.app_context():
        assert enquiries() == 2
    assert put_aside(app, sites) == []


def test_what_is_replaced_is_kept_aside_whole(sites, file):
    app = sites.new()
    with app.app_context():
        enquire(1)
        making.make(file)
        enquire(4)
    done = restore(app, file, replace=True)
    (aside,) = put_aside(app, sites)
    assert str(aside) in done.aside
    with app.app_context():
        assert enquiries() == 1
        if sites.kind == "sqlite":
            with closing(sqlite3.connect(aside / "clinic.sqlite")) as before:
                assert before.execute("SELECT count(*) FROM enquiries").fetchone() == (5,)
        else:
            assert db.session.scalar(text(f'SELECT count(*) FROM "{aside}".enquiries')) == 5


def test_a_restore_that_fails_half_way_leaves_what_was_there(sites, file, monkeypatch):
    """The backup is whole, but holds what this schema's migrations cannot take on: two tables of one name."""
    app = sites.new(revision="0014_writing_posts")
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE invitations (id INTEGER)"))
        making.make(file)
        with db.engine.begin() as connection:
            connection.execute(text("DROP TABLE invitations"))
        close()
        schema.upgrade()
        enquire(2)
        picture()
    with pytest.raises(Exception, match="invitations"):
        restore(app, file, replace=True)
    with app.app_context():
        assert enquiries() == 2
        enquire()
        assert enquiries() == 3
    assert put_aside(app, sites) == []


def test_a_restore_whose_files_cannot_be_written_leaves_what_was_there(sites, file):
    app = sites.new()
    instance = Path(app.instance_path)
    with app.app_context():
        enquire(1)
        lost = picture()
        own = instance / "templates" / "own.html"
        own.parent.mkdir()
        own.write_text("mine")
        making.make(file)
        enquire(4)
    lost.unlink()
    shutil.rmtree(own.parent)
    own.parent.write_text("no folder")
    with pytest.raises(Refused, match="could not be put back: .* restore again"):
        restore(app, file, replace=True)
    with app.app_context():
        assert enquiries() == 5
    assert not lost.exists()
    assert put_aside(app, sites) == list(instance.glob("before-restore-*")) == []


def test_a_restore_that_cannot_be_finished_leaves_the_key_that_was_there(sites, file):
    def finish():
        assert app.config["SECRET_KEY"] == other.config["SECRET_KEY"]
        raise OSError(errno.ENOSPC, "No space left on device")

    other, app = sites.new(), sites.new()
    key, instance = app.config["SECRET_KEY"], Path(app.instance_path)
    with other.app_context():
        (Path(other.instance_path) / "encryption_keys").write_text("off\ntheirs\n")
        making.make(file, with_secrets=True)
        close()
    with app.app_context():
        enquire(2)
    with pytest.raises(Refused, match="No space left"):
        restore(app, file, replace=True, finish=finish)
    with app.app_context():
        assert enquiries() == 2
    assert app.config["SECRET_KEY"] == (instance / "secret_key").read_text() == key
    assert not (instance / "encryption_keys").exists()
    assert put_aside(app, sites) == list(instance.glob("before-restore-*")) == []


@ON_POSTGRESQL
def test_what_cannot_be_put_back_when_a_restore_fails_is_put_back_at_the_next_start(sites, file):
    def lets_in(somebody: bool) -> None:
        server = create_engine(sites.server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with server.connect() as connection:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {somebody}'))

    def finish():
        lets_in(False)
        raise OSError(errno.ENOSPC, "No space left on device")

    app = sites.new()
    with app.app_context():
        name = db.engine.url.database
        making.make(file)
        enquire(2)
    with pytest.raises(
        Refused, match="cannot be put back now: .*not.*accepting connections.* It is kept in the schema"
    ):
        restore(app, file, replace=True, finish=finish)
    lets_in(True)
    working = app.test_cli_runner().invoke(args=["mail", "work", "--once"])
    assert (working.exit_code, "A restore was broken off. Run" in working.output) == (1, True)
    done = app.test_cli_runner().invoke(args=["setup", "--no-starter"])
    assert "A restore was broken off: what was there before it is back." in done.output
    with app.app_context():
        assert enquiries() == 2
    assert put_aside(app, sites) == []


def test_a_restore_and_a_site_that_starts_wait_for_each_other(sites, file, monkeypatch):
    waits, app = Event(), sites.new()
    monkeypatch.setattr(commands, "tell_wait", waits.set)
    with app.app_context():
        enquire(1)
        making.make(file, with_secrets=True)
        enquire(1)
        close()
        with ThreadPoolExecutor() as pool, schema.setting_up(wait=pytest.fail):
            done = pool.submit(app.test_cli_runner().invoke, args=["restore", str(file), "--replace"])
            assert waits.wait(DEADLINE_SECONDS)
            assert enquiries() == 2
            close()
    assert "Restored what was there" in done.result().output
    with app.app_context():
        assert enquiries() == 1


def test_who_was_erased_since_the_backup_stays_so(sites, file):
    app = sites.new()
    with app.app_context():
        enquire(1)
        making.make(file)
        with database.transaction():
            person = finding.find([identities.parse(submission().email)])
            decision = erasing.Decision(kind=ERASED, reason="asked", seen=person.fingerprint, checked=True)
            erasing.erase(person.identities, decision)
        close()
        done = app.test_cli_runner().invoke(args=["restore", str(file), "--replace"])
        assert "Erased again" in done.output
        assert re.search(r"was there on \w+day \d+ \w+ \d{4}, \d+:\d\d [ap]m AE[DS]T: ", done.output)
        assert enquiries() == 0


@pytest.mark.parametrize("revision", ["0001_mail", "0008_privacy_notices", "0014_writing_posts"])
def test_an_older_backup_is_migrated_forward(sites, file, revision):
    old = sites.new(revision=revision)
    with old.app_context():
        making.make(file)
    new = sites.new(revision="")
    done = restore(new, file)
    assert done.migrations > 0
    with new.app_context():
        enquire()
        assert enquiries() == 1


def test_the_backup_of_a_later_version_is_refused(sites, file):
    app = sites.new()
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
        making.make(file)
    with pytest.raises(NewerThanProgram, match="9999_later"):
        restore(sites.new(revision=""), file)


def test_the_backup_of_the_other_kind_of_database_is_refused(sites, file):
    app = sites.new()
    with app.app_context():
        made = making.make(file)
        made.about.database = {"sqlite": "postgresql", "postgresql": "sqlite"}[sites.kind]
        with file.open("wb") as other:
            archive.write(other, [], made.about, None)
    with pytest.raises((OtherDatabase, NotWhole)):
        restore(app, file, replace=True)


def test_a_damaged_backup_changes_nothing(sites, file):
    app = sites.new()
    with app.app_context():
        enquire(2)
        making.make(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NotWhole):
        restore(app, file, replace=True)
    with app.app_context():
        assert enquiries() == 2
    assert put_aside(app, sites) == []


def test_a_wrong_passphrase_changes_nothing(sites, file):
    app = sites.new()
    with app.app_context():
        making.make(file, passphrase=PASSPHRASE)
    for passphrase in (None, "five other fictional words"):
        with pytest.raises(PassphraseNeeded):
            restore(app, file, replace=True, passphrase=passphrase)
    assert put_aside(app, sites) == []


def test_rows_that_are_missing_from_the_dump_are_noticed_and_nothing_is_changed(sites, file):
    """The manifest counts them; whoever left them out did not know."""
    app = sites.new()
    with app.app_context():
        enquire(2)
        made = making.make(file)
        members = {}
        archive.read(file, None, lambda name: members.setdefault(name, file.parent / "out" / name))
        made.about.tables["enquiries"] += 1
        made.about.members = {}
        with file.open("wb") as other:
            archive.write(other, [(n, p) for n, p in members.items() if n != "manifest.json"], made.about, None)
    with pytest.raises(NotWhole, match="enquiries has 2 rows and should have 3"):
        restore(app, file, replace=True)
    with app.app_context():
        assert enquiries() == 2


@ON_POSTGRESQL
def test_a_site_that_was_just_stopped_is_given_a_moment_to_be_gone(sites, file, monkeypatch):
    monkeypatch.setattr(postgresql_store, "LEAVING_SECONDS", 60)
    app = sites.new()
    with app.app_context():
        making.make(file)
        other = create_engine(db.engine.url)
        connection = other.connect()
        Timer(0.3, lambda: (connection.close(), other.dispose())).start()
        restore(app, file, replace=True)


def test_a_site_that_runs_is_not_pulled_from_under_itself(sites, file, monkeypatch):
    monkeypatch.setattr(postgresql_store, "LEAVING_SECONDS", 0)
    app = sites.new()
    with app.app_context():
        making.make(file)
    with app.app_context():
        other = create_engine(db.engine.url)
        with other.connect() as connection:  # as the server's pool holds one
            connection.execute(text("SELECT count(*) FROM enquiries"))
            connection.rollback()
            with pytest.raises(StillInUse, match="stop the site first"):
                restore(app, file, replace=True)
        other.dispose()
    restore(app, file, replace=True)


@ON_SQLITE
def test_who_reads_a_log_anew_is_not_pulled_from_under_itself(sites):
    """SQLite says so by another code (SQLITE_BUSY_RECOVERY) than of those who just have the file open."""
    with sites.new().app_context():
        close()
        command = [sys.executable, "-c", READS_LOG, db.engine.url.database]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            other.stdout.readline()
            with pytest.raises(StillInUse, match="stop the site first"):
                stores.of_site().set_aside("now")


@ON_SQLITE
def test_a_database_that_cannot_be_opened_is_left_alone(sites, file):
    app = sites.new()
    with app.app_context():
        making.make(file)
        close()
        path = Path(db.engine.url.database)
    kept = path.rename(path.with_name("kept"))
    path.mkdir()
    with pytest.raises(Refused, match="cannot be set aside: unable to open .* restore again"):
        restore(app, file, replace=True)
    assert path.is_dir()
    path.rmdir()
    kept.rename(path)


@ON_SQLITE
def test_a_database_that_cannot_be_read_any_more_is_replaced_too(sites, file):
    app = sites.new()
    with app.app_context():
        enquire(2)
        making.make(file)
        close()
        path = Path(db.engine.url.database)
        for end in ("-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
        path.write_bytes(b"not a database any more" * 100)
    restore(app, file, replace=True)
    with app.app_context():
        assert enquiries() == 2
    (aside,) = put_aside(app, sites)
    assert (aside / "clinic.sqlite").read_bytes().startswith(b"not a database")


def test_a_spoilt_picture_becomes_whole_and_a_newer_one_stays(sites, file):
    app = sites.new()
    with app.app_context():
        spoilt = picture("knee.0123456789ab.png", b"\x89PNG invented")
        making.make(file)
        spoilt.write_bytes(b"")
        newer = picture("hip.0123456789ab.png", b"\x89PNG newer")
    restore(app, file, replace=True)
    assert spoilt.read_bytes() == b"\x89PNG invented"
    assert newer.read_bytes() == b"\x89PNG newer"


def test_settings_that_are_there_stay_and_the_backups_are_put_beside(sites, file):
    old, new = sites.new(), sites.new(revision="")
    mine = Path(new.instance_path) / "clinic.toml"
    with old.app_context():
        (Path(old.instance_path) / "clinic.toml").write_text('name = "Old"')
        making.make(file, with_secrets=True)
    mine.write_text('name = "This machine"')
    settings, secret = restore(new, file).remarks
    assert "clinic.toml" in settings
    assert mine.read_text() == 'name = "This machine"'
    (beside,) = Path(new.instance_path).glob("before-restore-*/clinic.toml")
    assert beside.read_text() == 'name = "Old"'
    (key,) = Path(new.instance_path).glob("before-restore-*/secret_key")
    assert f"The secret key that was here is in {key}" in secret
    assert key.read_text() != old.config["SECRET_KEY"]


def test_keys_of_patients_words_come_beside_those_that_are_there(sites, file):
    old, new = sites.new(), sites.new(revision="")
    with old.app_context():
        (Path(old.instance_path) / "encryption_keys").write_text("off\nold\nshared\n")
        making.make(file, with_secrets=True)
    keys = Path(new.instance_path) / "encryption_keys"
    keys.write_text("new\nshared\n")
    restore(new, file)
    assert keys.read_text().split() == ["new", "shared", "old"]
    assert keys.stat().st_mode & 0o777 == 0o600


def test_a_missing_key_is_said(sites, file):
    with sites.new().app_context():
        making.make(file)
    (remark,) = restore(sites.new(revision=""), file).remarks
    assert "secret key is not the one of the backup" in remark


def test_everybody_is_signed_out_and_it_is_written_down(sites, file):
    app = sites.new()
    with app.app_context():
        with database.transaction() as session:
            member = Member(email="casey@clinic.example", name="Casey Invented", role_names=["owner"])
            session.add(member)
            session.flush()
            session.add(SignIn(member_id=member.id, token_hash="0" * 64, browser="Firefox on Linux"))
        making.make(file)
    restore(app, file, replace=True)
    with app.app_context():
        assert db.session.scalars(select(SignIn)).all() == []
        assert db.session.scalars(select(Member.name)).all() == ["Casey Invented"]
        assert db.session.scalars(select(AuditEntry.action)).all() == ["restored a backup"]


def test_servers_of_the_place_that_was_backed_up_are_none_here(sites, file):
    """Else `flask setup` would leave closures to the clocks of a server that is gone."""
    app = sites.new()
    with app.app_context():
        with database.transaction():
            servers.tell()
        making.make(file)
    other = sites.new(revision="", timezone="Australia/Perth")
    restore(other, file)
    with other.app_context():
        assert servers.here() == servers.with_another("timezone") == []


def test_rules_of_the_schema_hold_after_a_restore(sites, file):
    """Triggers and constraints come back with the rows."""
    app = sites.new()
    with app.app_context():
        enquire()
        with database.transaction() as session:
            session.add(AuditEntry(by="command line", action="tried", kind="", details={}))
        making.make(file)
    restore(app, file, replace=True)
    with app.app_context():
        for statement in ("UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"):
            with pytest.raises(Exception, match="audit_entries_are_only_added"), db.engine.begin() as connection:
                connection.execute(text(statement))
        mail = db.session.scalars(select(OutboxMail)).first()
        again = {column.name: getattr(mail, column.name) for column in OutboxMail.__table__.columns}
        with pytest.raises(Exception, match="(?i)unique"), db.engine.begin() as connection:
            connection.execute(OutboxMail.__table__.insert().values(again | {"id": 99, "message_id": "<other>"}))


def test_two_restores_keep_both_asides(sites, file):
    app = sites.new()
    with app.app_context():
        making.make(file)
    for day in (1, 2):
        with time_machine.travel(datetime(2026, 12, day, tzinfo=UTC)):
            restore(app, file, replace=True)
    assert len(put_aside(app, sites)) == 2


def test_a_backup_after_a_restore_leaves_out_what_was_put_aside(sites, file):
    app = sites.new()
    with app.app_context():
        enquire(1)
        making.make(file)
    restore(app, file, replace=True)
    with app.app_context():
        made = making.make(file.parent / "second")
        assert not [name for name in made.about.members if "before" in name]
    new = sites.new(revision="")
    restore(new, file.parent / "second")
    with new.app_context():
        assert enquiries() == 1
    assert [place for place in put_aside(new, sites) if sites.kind == "postgresql"] == []


@ON_POSTGRESQL
def test_who_does_not_own_the_database_is_told_so(sites, file):
    app = sites.new()
    with app.app_context():
        making.make(file)
        url = db.engine.url
        with db.engine.begin() as connection:
            connection.execute(text("CREATE ROLE guest LOGIN PASSWORD 'invented'"))
            connection.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA public TO guest"))
        close()
    plain = url.set(username="guest", password="invented").render_as_string(hide_password=False)
    guest = create_app(instance=Path(app.instance_path), environ={"CLINIC_DATABASE_URL": plain})
    try:
        with pytest.raises(NotTheOwner, match="has to own the database"):
            restore(guest, file, replace=True)
    finally:
        with guest.app_context():
            close()
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text("DROP OWNED BY guest"))
            connection.execute(text("DROP ROLE guest"))


@ON_POSTGRESQL
def test_a_failed_program_puts_everything_back(sites, file, tmp_path, monkeypatch):
    app = sites.new()
    with app.app_context():
        enquire(2)
        making.make(file)
    spy = tmp_path / "bin"
    spy.mkdir()
    (spy / "pg_restore").write_text("#!/bin/sh\necho no room left >&2\nexit 1\n")
    (spy / "pg_restore").chmod(0o700)
    monkeypatch.setenv("PATH", str(spy), prepend=":")
    with pytest.raises(ProgramFailed, match="no room left"):
        restore(app, file, replace=True)
    with app.app_context():
        assert enquiries() == 2


@ON_POSTGRESQL
def test_programs_may_be_newer_than_the_server(sites, file, tmp_path, tmp_path_factory):
    with databases.postgres_server(tmp_path_factory.mktemp("older"), version=databases.OLDER) as older:
        app = Sites("postgresql", tmp_path / "older", older).new("head")
        with app.app_context():
            enquire(2)
            assert making.make(file).verified.startswith("restored to a scratch ")
            enquire()
        restore(app, file, replace=True)
        with app.app_context():
            assert enquiries() == 2
            close()
