"""A restored site may lack what no backup holds: it says so, and does nothing by mistake meanwhile."""

import os
from pathlib import Path

import pytest
from sqlalchemy import func, select

from clinic_app import site_folder
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.health import mails
from clinic_app.keys import encryption
from clinic_app.mail.models import OutboxMail
from clinic_app.mail.worker import Worker
from clinic_app.recovery import making

from ..mail.servers import MailServer
from .conftest import PASSPHRASE, close, enquire


@pytest.fixture
def file(tmp_path):
    return tmp_path / "backup"


@pytest.fixture
def backed_up(sites, file):
    """A site whose mails have waited when a plain backup of it was made."""
    old = sites.new()
    with old.app_context():
        enquire(2)
        making.make(file)
        close()
    return old


def flask(site, *arguments):
    done = site.test_cli_runner().invoke(args=[str(argument) for argument in arguments])
    return done.output + done.stderr


def on_new_machine(sites, old, **environ):
    """A site that is still empty, with the old one's secret key in its place."""
    new = sites.new(revision="", **environ)
    Path(new.instance_path, "secret_key").write_text(old.config["SECRET_KEY"])
    new.config["SECRET_KEY"] = old.config["SECRET_KEY"]
    return new


def send(site) -> dict[str, int]:
    with site.app_context():
        try:
            return Worker(site, say=len).run_once()
        finally:
            close()


def states(site) -> dict[str, int]:
    with site.app_context():
        counted = select(OutboxMail.state, func.count()).group_by(OutboxMail.state)
        found = dict(db.session.execute(counted).all())
        close()
        return found


def test_mails_of_a_restored_site_wait_for_a_mail_server(sites, file, backed_up):
    new = on_new_machine(sites, backed_up)
    said = flask(new, "restore", file)
    assert "clinic.toml is not there" in said
    assert "go out when the site starts with its mail server" in said
    assert "emails wait, and nobody gets one" in flask(new, "setup")
    assert send(new) == {}
    assert states(new) == {"queued": 4}
    assert not Path(new.instance_path, "outbox").exists()
    with new.app_context():
        assert [finding.state for finding in mails.find_setting()] == ["fail"]
        assert "No mail server is set" in flask(new, "mail", "test", "kit@example.org")
        close()
    with MailServer() as server:
        there = {"mail_server": "localhost", "mail_port": server.port, "mail_security": "none"}
        again = on_new_machine(sites, backed_up, **there)
        flask(again, "restore", file)
        assert send(again) == {"sent": 4}


def test_a_site_that_had_a_mail_server_writes_no_mail_as_a_file(sites):
    site = sites.new(mail_server="smtp.invented.example", mail_worker="separate")
    flask(site, "setup", "--no-starter")
    site.config["CLINIC"].__dict__["mail_server"] = ""
    with site.app_context():
        enquire()
    assert send(site) == {}
    assert states(site) == {"queued": 2}


def test_what_the_site_ran_with_and_is_not_here_is_named(sites, file, monkeypatch):
    monkeypatch.setenv("CLINIC_MAIL_SERVER", "smtp.invented.example")
    monkeypatch.setenv("CLINIC_MAIL_PASSWORD", "invented")
    old = sites.new()
    with old.app_context():
        making.make(file)
        close()
    monkeypatch.delenv("CLINIC_MAIL_SERVER")
    said = flask(on_new_machine(sites, old), "restore", file)
    assert "variables that are not set here: CLINIC_MAIL_SERVER. Set them again" in said


def test_settings_that_are_there_are_not_missed(sites, file, backed_up):
    new = on_new_machine(sites, backed_up)
    Path(new.instance_path, site_folder.SETTINGS).touch()
    said = flask(new, "restore", file)
    assert "clinic.toml" not in said
    assert "variables" not in said


def test_a_plain_backup_of_encrypted_words_names_their_keys_and_they_are_missed(sites, file, tmp_path):
    old = sites.new()
    with old.app_context():
        enquire()
        flask(old, "encrypt", "on")
        said = flask(old, "backup", file)
        close()
    assert "NOT in it: the secret key, clinic.toml and encryption_keys." in said
    assert "without encryption_keys nobody can read what patients wrote" in said
    new = on_new_machine(sites, old)
    assert "Put the old encryption_keys" in flask(new, "restore", file)
    stopped = flask(new, "setup")
    assert "would be stored plain" in stopped
    assert "Loading" not in stopped
    here, there = (Path(site.instance_path, site_folder.WORDS_KEYS) for site in (new, old))
    here.write_text(there.read_text())
    assert "would be stored plain" not in flask(new, "setup")


def test_who_has_lost_the_keys_goes_on_with_a_new_one(sites, file):
    old = sites.new()
    with old.app_context():
        enquire()
        flask(old, "encrypt", "on")
        making.make(file)
        close()
    new = on_new_machine(sites, old)
    flask(new, "restore", file)
    assert "cannot be read" in flask(new, "encrypt", "on")
    said = flask(new, "setup")
    assert "would be stored plain" not in said
    assert "Encryption: Texts in mail_outbox cannot be read" in said


def test_an_encrypted_backup_holds_keys_of_words_that_all_servers_are_given(sites, file, tmp_path, monkeypatch):
    word = tmp_path / "passphrase"
    word.write_text(PASSPHRASE)
    monkeypatch.setenv(encryption.VARIABLE, encryption.new_key())
    old = sites.new(encryption_keys=os.environ[encryption.VARIABLE])
    with old.app_context():
        enquire()
        said = flask(old, "backup", file, "--passphrase-file", word)
        close()
    assert "Never in a backup" not in said
    monkeypatch.delenv(encryption.VARIABLE)
    new = sites.new(revision="")
    said = flask(new, "restore", file, "--passphrase-file", word)
    assert "cannot be read" not in said
    assert "not set here" not in said
    with new.app_context():
        assert db.session.scalar(select(Enquiry.message)) == "My knee clicks on stairs."
        assert encryption.is_on()
        close()


def test_a_plain_backup_without_encrypted_words_names_no_keys(sites, file):
    with sites.new().app_context() as context:
        said = flask(context.app, "backup", file)
        close()
    assert "NOT in it: the secret key and clinic.toml." in said
    assert "encryption_keys" not in said
