"""A backup holds everything of the site's, nothing that it should not, and is tried out before it is there."""

import gzip
import os
import resource
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from clinic_app import create_app
from clinic_app.extensions import db
from clinic_app.recovery import archive, belongings, making, postgresql_store
from clinic_app.recovery.refusals import (
    AlreadyRunning,
    AlreadyThere,
    NotReadable,
    NotSetUp,
    NotWhole,
    ProgramFailed,
    Refused,
)
from clinic_app.recovery.workplace import workplace

from .conftest import ON_POSTGRESQL, ON_SQLITE, PASSPHRASE, close, enquire, picture


def read(made, passphrase=None):
    return archive.read(made.file, passphrase, lambda name: None)


def test_a_backup_counts_every_table_and_is_tried_out_in_a_scratch_place(sites, tmp_path):
    with sites.new().app_context():
        enquire(3)
        made = making.make(tmp_path / "backup.tar.gz")
        assert made.verified.startswith("restored to a scratch ")
        tables = read(made).tables
        assert (tables["enquiries"], tables["mail_outbox"]) == (3, 6)
        assert set(db.metadata.tables) - {name for name in tables if "_search" in name} <= set(tables)
        assert made.file.stat().st_mode & 0o777 == 0o600


def test_pictures_and_own_files_are_in_it(sites, tmp_path):
    # The last two as archives from other machines leave them: with Windows' stroke, and in Latin-1.
    own = {"templates/public/own.html", "static/css/own.css", "static/img\\own.png", "static/caf\udce9.png"}
    with sites.new().app_context() as context:
        picture("knee.0123456789ab.png", b"one")
        for name in own:
            file = Path(context.app.instance_path) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("mine")
        members = read(making.make(tmp_path / "backup")).members
    assert set(members) >= {"media/knee.0123456789ab.png"} | own


NOBODY = 65534
UNREADABLE = Path("/proc/sys/vm/compact_memory")  # Linux lets nobody read it, root neither


@pytest.mark.skipif(not UNREADABLE.exists(), reason="needs a file that even root cannot read, as Linux has")
def test_a_file_of_the_site_s_that_cannot_be_read_is_named_and_not_the_backup_s(sites, tmp_path):
    with sites.new().app_context() as context:
        own = Path(context.app.instance_path) / "static" / "css" / "own.css"
        own.parent.mkdir(parents=True)
        own.symlink_to(UNREADABLE)
        with pytest.raises(
            NotReadable, match=r"/static/css/own\.css .* cannot be read: Permission denied\. Give it"
        ):
            making.make(tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_folder_that_cannot_be_looked_into_is_not_left_out():
    """In a folder that everybody may look into, by somebody who is not root."""
    with TemporaryDirectory() as instance:
        app = create_app(instance=Path(instance), environ={})
        closed = Path(instance) / "media" / "closed"
        closed.mkdir(parents=True)
        (closed / "knee.png").write_text("mine")
        Path(instance).chmod(0o755)
        for mode in (0o000, 0o444):  # the other lets names be read, and no file
            closed.chmod(mode)
            with (
                app.app_context(),
                as_nobody(),
                pytest.raises(NotReadable, match="/media/closed.* Permission denied"),
            ):
                list(belongings.contents(with_secrets=False))


@contextmanager
def as_nobody():
    """The block is not root's."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def test_the_key_and_the_settings_are_in_an_encrypted_backup_only(sites, tmp_path):
    with sites.new().app_context() as context:
        key = context.app.config["SECRET_KEY"]
        (Path(context.app.instance_path) / "clinic.toml").write_text('mail_password = "plainly invented"')
        plain = making.make(tmp_path / "plain")
        closed = making.make(tmp_path / "closed", passphrase=PASSPHRASE, with_secrets=True)
        content = gzip.decompress(plain.file.read_bytes())
        assert key.encode() not in content
        assert b"plainly invented" not in content
        assert {"secret_key", "clinic.toml"} <= set(read(closed, PASSPHRASE).members)


def test_an_encrypted_backup_shows_nothing_of_what_it_holds(sites, tmp_path):
    with sites.new().app_context():
        enquire()
        file = making.make(tmp_path / "backup", passphrase=PASSPHRASE).file
    assert file.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert b"stairs" not in file.read_bytes()


def test_the_values_of_variables_are_not_in_it_but_their_names_are(sites, tmp_path, monkeypatch):
    monkeypatch.setenv("CLINIC_MAIL_PASSWORD", "plainly invented")
    with sites.new().app_context():
        made = making.make(tmp_path / "backup")
    assert "CLINIC_MAIL_PASSWORD" in made.about.variables
    assert b"plainly invented" not in gzip.decompress(made.file.read_bytes())


def test_a_file_that_is_there_is_left_alone(sites, tmp_path):
    (tmp_path / "backup").write_text("another")
    with sites.new().app_context(), pytest.raises(AlreadyThere):
        making.make(tmp_path / "backup")
    assert (tmp_path / "backup").read_text() == "another"


def test_a_folder_that_is_not_there_is_named(sites, tmp_path):
    with sites.new().app_context(), pytest.raises(Refused, match=r"No such file or directory\. Choose a folder"):
        making.make(tmp_path / "unmounted" / "backup")


def test_a_scratch_place_without_room_is_not_taken_for_the_backup(sites, tmp_path):
    with sites.new().app_context() as context:
        made = making.make(tmp_path / "backup")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
        try:
            with pytest.raises(
                Refused, match=f"tried out: File too large.*on the disk of {context.app.instance_path}"
            ):
                making.verify(made.file, None)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_database_without_tables_is_not_backed_up(sites, tmp_path):
    with sites.new(revision="").app_context(), pytest.raises(NotSetUp, match="setup"):
        making.make(tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_an_older_schema_is_backed_up_as_it_is(sites, tmp_path):
    with sites.new(revision="0008_privacy_notices").app_context():
        assert making.make(tmp_path / "backup").about.revision == "0008_privacy_notices"


def test_a_backup_at_a_time(sites, tmp_path):
    with sites.new().app_context(), workplace(), pytest.raises(AlreadyRunning):
        making.make(tmp_path / "backup")


def test_nothing_is_left_lying_about(sites, tmp_path):
    with sites.new().app_context() as context:
        instance = Path(context.app.instance_path)
        left = instance / ".recovery-killed"
        left.mkdir()
        (left / "database.sqlite").write_text("patients' words")
        making.make(tmp_path / "backup")
        with pytest.raises(AlreadyThere):
            making.make(tmp_path / "backup")
        assert [path.name for path in instance.glob(".recovery*")] == [".recovery.lock"]
        assert [path.name for path in tmp_path.iterdir() if path.name != "sites"] == ["backup"]
        if db.engine.dialect.name == "postgresql":
            query = text("SELECT count(*) FROM pg_database WHERE datname LIKE 'clinic_check_%'")
            assert db.session.scalar(query) == 0


@ON_SQLITE
def test_a_backup_that_does_not_stand_the_trial_is_not_there(sites, tmp_path):
    """A page of the database's file is spoilt, as by a disk that is failing."""
    app = sites.new()
    with app.app_context():
        enquire(200)
    with app.app_context():
        path = Path(db.engine.url.database)
        close()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_mail_outbox_about'")
            (size,) = connection.execute("PRAGMA page_size").fetchone()
        with path.open("r+b") as file:
            file.seek((page[0] - 1) * size)
            file.write(b"\x00" * size)
        with pytest.raises(NotWhole, match="damaged|cannot be read|could not be copied"):
            making.make(tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


@ON_POSTGRESQL
def test_a_missing_program_is_named_with_what_installs_it(sites, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with sites.new().app_context(), pytest.raises(ProgramFailed, match="postgresql-client"):
        making.make(tmp_path / "backup")


@ON_POSTGRESQL
@pytest.mark.parametrize("may", ["NOCREATEDB", "CREATEDB CONNECTION LIMIT 1"], ids=["be made", "be entered"])
def test_no_scratch_database_is_said_where_none_may(sites, tmp_path, may):
    with sites.new().app_context() as context:
        file, url = making.make(tmp_path / "backup").file, db.engine.url
        with db.engine.begin() as connection:
            connection.execute(text(f"CREATE ROLE plain LOGIN {may} PASSWORD 'invented'"))
        try:
            plain = url.set(username="plain", password="invented").render_as_string(hide_password=False)
            with _app(context.app, {"CLINIC_DATABASE_URL": plain}).app_context():
                assert "NOT restored to a scratch database" in making.verify(file, None)
                db.session.remove()
                db.engine.dispose()
        finally:
            with db.engine.begin() as connection:
                connection.execute(text("DROP ROLE plain"))


@ON_POSTGRESQL
def test_a_pooler_that_stays_connected_keeps_no_scratch_database(sites, tmp_path, monkeypatch):
    real, pooler = postgresql_store.look, []

    def look(connection):
        if connection.engine.url.database.startswith(postgresql_store.SCRATCH):
            pooler.append(create_engine(connection.engine.url, poolclass=NullPool).connect())
        return real(connection)

    monkeypatch.setattr(postgresql_store, "look", look)
    with sites.new().app_context():
        assert making.make(tmp_path / "backup").verified == "restored to a scratch database and counted"
    pooler[0].invalidate()
    pooler[0].close()


def _app(app, environ):
    return create_app(instance=Path(app.instance_path), environ=environ)


@pytest.fixture
def said(tmp_path, monkeypatch):
    """The file with what stood on pg_dump's command line, and the password in its environment."""
    spy = tmp_path / "bin"
    spy.mkdir()
    (spy / "pg_dump").write_text(f'#!/bin/sh\necho "$@ / $PGPASSWORD" > {tmp_path}/said\nexit 1\n')
    (spy / "pg_dump").chmod(0o700)
    monkeypatch.setenv("PATH", f"{spy}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "said"


@ON_POSTGRESQL
@pytest.mark.parametrize(
    "given",
    [
        {"password": "plainly-invented"},
        {"query": {"password": "plainly-invented"}},
        {"password": "another", "query": {"password": "plainly-invented"}},  # as the driver reads it
    ],
)
def test_the_password_of_the_database_stands_on_no_command_line(sites, tmp_path, said, given):
    with _on_database(sites.new(), **given), pytest.raises(ProgramFailed, match="pg_dump failed"):
        making.make(tmp_path / "backup")
    openly, _, password = said.read_text().partition(" / ")
    assert "--dbname=dbname=" in openly
    assert ("plainly-invented" in openly, "another" in openly, password) == (False, False, "plainly-invented\n")


@ON_POSTGRESQL
def test_a_secret_that_fits_no_variable_is_given_to_no_program(sites, tmp_path, said):
    with (
        _on_database(sites.new(), query={"sslpassword": "plainly-invented"}),
        pytest.raises(ProgramFailed, match="database_url has sslpassword .* service"),
    ):
        making.make(tmp_path / "backup")
    assert not said.exists()


@contextmanager
def _on_database(app, *, query=None, **parts):
    """The context of the same site, whose `database_url` has these parts too."""
    with app.app_context():
        url = db.engine.url.set(**parts).update_query_dict(query or {}).render_as_string(hide_password=False)
    other = _app(app, {"CLINIC_DATABASE_URL": url})
    with other.app_context():
        yield
        close()
