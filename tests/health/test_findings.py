"""Each thing that can be wrong with a site is found, and said with what to do."""

import os
import shutil
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select, text, update

from clinic_app import checks, clock, database, site_folder, site_marks
from clinic_app.accounts import audit
from clinic_app.blog.models import Post
from clinic_app.booking import appointments, availability, lineup, profiles
from clinic_app.cli.content import bring_in_folder
from clinic_app.extensions import db
from clinic_app.health import (
    address,
    backups,
    examples,
    machine,
    mails,
    opening_days,
    owners,
    pictures,
    report,
    retention,
    settings,
    storage,
    templates,
    time_zone,
)
from clinic_app.keys import encryption
from clinic_app.mail import outbox
from clinic_app.mail.models import OutboxMail
from clinic_app.pictures import library, media
from clinic_app.recovery import postgresql_programs, runs
from clinic_app.retention import purging
from tests.mail.servers import MailServer, SilentServer, free_port, make_certificate
from tests.staff.conftest import new_member

OWN = {
    "name": "Invented Clinic",
    "phone": "02 5550 0199",
    "email": "hello@invented.example",
    "street": "1 Invented Street",
    "suburb": "Invented Bay",
    "postcode": "2000",
    "public_url": "https://www.invented.example",
    "trusted_proxies": 1,
    "staff_second_factor": "required",
    "rate_limits": "on",
}


def said(findings) -> dict[str, str]:
    """Each finding's state by its words."""
    assert all(finding.advice for finding in findings if finding.state != "ok")
    return {finding.words: finding.state for finding in findings}


def one(findings):
    (finding,) = findings
    assert finding.state == "ok" or finding.advice
    return finding.state, finding.words


def test_the_examples_settings_are_noticed_and_the_clinics_own_are_good(app, with_settings):
    examples = "These are still the example's: name, phone, email, street, suburb, postcode."
    assert one(settings.find()[:1])[1] == examples
    with_settings(**OWN)
    assert one(settings.find())[0] == "ok"
    with_settings(**OWN | {"staff_second_factor": "optional", "rate_limits": "off"})
    assert list(said(settings.find()).values()) == ["warn", "warn"]


def test_a_clinic_that_says_it_is_called_as_the_example_is(app, with_settings):
    with_settings(**OWN | {"name": "Westside Sports Chiro", "suburb": "Westside", "given": {"name", "suburb"}})
    assert one(settings.find())[0] == "ok"


def test_what_is_australian_is_noticed_in_the_settings_of_a_clinic_elsewhere(app, with_settings):
    with_settings(**OWN | {"country": "GB", "state": "ENG"})
    assert one(settings.find())[1] == "These are still the example's: timezone, emergency_number."


@pytest.mark.parametrize("state", ["QLD", "SA", "NT", "WA", "Western Australia"])
def test_a_clinic_in_a_state_with_other_clocks_is_told_to_set_its_own(app, with_settings, state):
    with_settings(**OWN | {"state": state})
    assert one(settings.find())[1] == "These are still the example's: timezone."
    with_settings(given={"timezone"})
    assert one(settings.find())[0] == "ok", "by the clocks of Sydney on purpose"
    with_settings(given=set(), state="VIC")
    assert one(settings.find())[0] == "ok"


def test_a_time_zone_that_was_changed_is_told_until_patients_know(app, with_settings):
    bring_in_folder(examples.STARTER)
    setup(app)
    assert one(time_zone.find()) == ("ok", "Australia/Sydney.")
    openings = availability.load(profiles.service("first-visit"))
    with database.transaction():
        patient = appointments.Patient(name="Alex Placeholder", email="alex@example.org")
        appointments.book(
            service=profiles.service("first-visit"), starts_at=openings.soonest.starts_at, patient=patient
        )
    with_settings(timezone="Pacific/Auckland")
    assert "are still by the clocks of Australia/Sydney, all else by those of Pacific" in one(time_zone.find())[1]
    said = setup(app)
    assert "The time zone was Australia/Sydney." in said and "import the same files again" in said
    state, words = one(time_zone.find())
    assert state == "warn" and words.startswith("Patients were told of 1 appointment to come by other clocks.")
    assert words.endswith("by the clocks of Australia/Sydney.")
    assert "The time zone was" not in setup(app)
    with_settings(timezone="Australia/Sydney")
    assert "The time zone was Pacific/Auckland." in setup(app)
    assert one(time_zone.find())[0] == "ok"


def setup(app) -> str:
    done = app.test_cli_runner().invoke(args=["setup", "--no-starter"])
    assert done.exit_code == 0, done.output
    return done.output


def test_examples_that_patients_still_see_are_named(app, monkeypatch):
    assert one(examples.find())[0] == "ok"
    bring_in_folder(site_folder.STARTER)
    assert list(said(examples.find())) == [
        "Patients still see made-up practitioners: Kit Example, Robin Sample.",
        "Patients still see example services: First visit, Follow-up, Running check.",
        "Patients still see example posts: Coming back to running after a break, Ten areas of the spine every "
        "runner should know, What happens at your first visit.",
    ]
    assert set(said(examples.find()).values()) == {"warn"}
    monkeypatch.setattr(examples, "NAMED", 2)
    assert [words.endswith(", and others.") for words in said(examples.find())] == [False, True, True]
    with database.transaction():
        for person in profiles.practitioners():
            lineup.leave(person, last_day=clock.today() - timedelta(days=1))
        lineup.retire(profiles.service("follow-up"))
        profiles.service("running-check").description = "Our own words"
        audit.record("changed", by=None, kind="service", id=profiles.service("first-visit").id)
        for post in db.session.scalars(select(Post)):
            post.draft = True
    assert one(examples.find())[0] == "ok"


def test_days_that_can_be_booked_though_pages_say_closed_are_named(app, with_settings):
    bring_in_folder(examples.STARTER)
    assert one(opening_days.find())[0] == "ok"
    with_settings(hours=checks.hours({"monday": ["08:00-18:00"], "friday": ["08:00-12:00"]}))
    told = "Pages say closed, and practitioners can be booked: Tuesday, Wednesday, Thursday"
    assert one(opening_days.find())[0] == "warn" and one(opening_days.find())[1].startswith(told)
    with database.transaction():
        for person in profiles.practitioners():
            lineup.leave(person, last_day=clock.today() - timedelta(days=1))
    assert one(opening_days.find())[0] == "ok", "who has left can't be booked"


def test_a_site_without_an_owner_is_found(app):
    new_member("reception")
    assert one(owners.find()) == ("warn", "Nobody is an owner who can sign in.")
    new_member("owner")
    assert one(owners.find())[0] == "ok"


@pytest.mark.parametrize(
    ("changes", "state", "says"),
    [
        ({"public_url": "http://127.0.0.1:8000"}, "warn", "opens on this machine only"),
        ({"public_url": "http://www.invented.example"}, "fail", "is not encrypted"),
        ({"trusted_proxies": 0}, "warn", "all visitors seem to come from it"),
        ({}, "ok", "https://www.invented.example, behind 1 trusted proxy."),
    ],
)
def test_the_address_and_the_proxies_have_to_fit(app, with_settings, changes, state, says):
    with_settings(**OWN | changes)
    found = one(address.find())
    assert found[0] == state
    assert says in found[1]


def test_an_address_that_does_not_answer_is_said(app, with_settings):
    with_settings(**OWN | {"public_url": f"https://localhost:{free_port()}"})
    assert "does not answer from here" in one(address.find_certificate())[1]


def test_a_certificate_that_browsers_refuse_is_said(app, with_settings, tmp_path):
    with certificate_server(make_certificate(tmp_path)) as port:
        with_settings(**OWN | {"public_url": f"https://localhost:{port}"})
        state, words = one(address.find_certificate())
    assert state == "fail"
    assert "Browsers refuse the certificate of localhost" in words


@contextmanager
def certificate_server(files):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            with suppress(OSError):
                context.wrap_socket(server.accept()[0], server_side=True)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(30)


def test_a_database_that_answers_and_takes_changes_is_good(app):
    assert storage.trouble() is None
    assert one(storage.find_database())[0] == "ok"


def test_a_database_that_takes_no_changes_is_found_without_writing(app, monkeypatch):
    if database.is_sqlite():
        path = Path(db.engine.url.database)
        real = os.access  # as root everything may be written to, so the system's answer is stood in for
        monkeypatch.setattr(os, "access", lambda p, mode: Path(p) != path and real(p, mode))
        assert storage.trouble() == "the database takes no changes"
        return
    name = db.engine.url.database
    with db.engine.begin() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    try:
        db.session.remove()
        db.engine.dispose()
        assert storage.trouble() == "the database takes no changes"
    finally:
        db.session.remove()
        with db.engine.connect() as connection:
            connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"))
            connection.commit()
            connection.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
            connection.commit()
        db.engine.dispose()


def test_machines_are_told_what_is_wrong_and_nothing_more(app, client, monkeypatch):
    monkeypatch.setattr(storage, "trouble", lambda: "the disk is full")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": "the disk is full"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_uploaded_pictures_that_are_not_on_this_server_are_found(app):
    assert one(pictures.find())[0] == "ok"
    with database.transaction() as session:
        for name in ("hill.webp", "knee.webp"):
            session.add(library.Picture(name=name, width=1, height=1, sizes=[[1, 1]], alt="x"))
    media.write("hill.webp", b"invented")
    state, words = one(pictures.find())
    assert state == "fail"
    assert words.startswith("1 of the last 2 are not in ")


def test_a_full_disk_is_found(app, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=50_000_000))
    assert one(machine.find_disk())[0] == "fail"
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=500_000_000))
    assert one(machine.find_disk())[0] == "warn"
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10**12))
    assert one(machine.find_disk())[0] == "ok"
    monkeypatch.setattr(machine, "database_bytes", lambda: 6 * 10**11)
    assert one(machine.find_disk())[0] == "warn"


def test_files_that_others_can_read_are_named(app):
    instance = Path(app.instance_path)
    before = instance.stat().st_mode
    key = instance / "secret_key"
    try:
        instance.chmod(0o755)
        key.chmod(0o644)
        assert f"Others on this machine can read {key}." in said(machine.find_permissions())
        key.chmod(0o600)
        assert f"Others on this machine can read {key}." not in said(machine.find_permissions())
        instance.chmod(0o700)
        assert one(machine.find_permissions())[0] == "ok"
    finally:
        instance.chmod(before)


def test_own_folders_that_cannot_be_read_are_named(app, monkeypatch):
    instance = Path(app.instance_path)
    below = instance / "static" / "img"
    (below / "posts").mkdir(parents=True)
    real = os.access, Path.is_dir  # as root everything may be read, so the system's answers are stood in for

    def is_dir(path):
        if path.parent == below:
            raise PermissionError(path)  # Python 3.11's, where the folder around it may not be entered
        return real[1](path)

    monkeypatch.setattr(os, "access", lambda p, mode: Path(p) != below and real[0](p, mode))
    monkeypatch.setattr(Path, "is_dir", is_dir)
    told = f"{below} cannot be read, so what is in it is not used."
    try:
        assert said(machine.find_permissions())[told] == "fail"
        assert told in app.test_cli_runner().invoke(args=["setup", "--no-starter"]).stderr
    finally:
        shutil.rmtree(instance / "static")


def test_the_size_of_the_database_counts_its_log_too(app):
    with database.transaction():
        audit.record("tried", by=None)
    if database.is_sqlite():
        files = (Path(f"{db.engine.url.database}{end}").stat().st_size for end in ("", "-wal"))
        assert one(storage.find_database())[1].endswith(f", {sum(files) / 1e6:,.1f} MB.")


def test_secrets_outside_the_instance_that_everybody_can_read_are_named(app, with_settings, tmp_path, monkeypatch):
    secrets = tmp_path / "passphrase", tmp_path / "encryption_keys"
    with_settings(backup_passphrase_file=str(secrets[0]))
    monkeypatch.setattr(encryption.keys(), "path", secrets[1])
    told = {f"Everybody on this machine can read {secret}." for secret in secrets}
    assert not told & set(said(machine.find_permissions()))
    for mode, folder, is_named in ((0o644, 0o755, True), (0o644, 0o700, False), (0o640, 0o755, False)):
        for secret in secrets:
            secret.touch()
            secret.chmod(mode)
        tmp_path.chmod(folder)
        assert told & set(said(machine.find_permissions())) == (told if is_named else set())


def test_a_clock_behind_what_was_written_is_found(app):
    with database.transaction():
        audit.record("tried", by=None)
    assert one(storage.find_clock())[0] == "ok"
    with time_machine.travel(clock.now() - timedelta(hours=1)):
        states = said(storage.find_clock())
    assert any("behind what was written last" in words and state == "fail" for words, state in states.items())


def test_a_clock_that_differs_from_the_database_servers_is_found(app):
    if database.is_sqlite():
        return  # it has no clock of its own
    for hours, words in ((1, "ahead of the database server's"), (-1, "behind the database server's")):
        with time_machine.travel(clock.now() + timedelta(hours=hours)):
            assert any(words in told for told in said(storage.find_clock()))


def test_a_check_of_what_the_database_has_no_table_for_yet_says_to_set_up(app):
    def rename(table: str, to: str) -> None:
        db.session.rollback()
        with db.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))

    rename("servers", "later")
    try:
        (found,) = (each for each in report.findings(asking_others=False) if each.about == "Servers")
    finally:
        rename("later", "servers")
    assert (found.state, found.advice) == ("fail", "Run `flask setup`.")


def test_pending_migrations_are_found(app):
    assert one(storage.find_schema())[0] == "ok"
    with db.engine.begin() as connection:
        head = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0008_privacy_notices'"))
    try:
        assert "Migrations are waiting" in one(storage.find_schema())[1]
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
        assert "newer version" in one(storage.find_schema())[1]
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})


def queue(**columns):
    with database.transaction():
        mail_id = outbox.enqueue("test", to="kit@example.org", event="test:1", context={"sent_at": clock.now()})
        db.session.execute(update(OutboxMail).where(OutboxMail.id == mail_id).values(**columns))


def test_mail_that_waits_too_long_is_found_with_the_mail_servers_words(app):
    assert one(mails.find_queue())[0] == "ok"
    queue(next_attempt_at=clock.now() - timedelta(hours=1), last_error="451 greylisted")
    state, words = one(mails.find_queue())
    assert state == "fail"
    assert words.endswith("451 greylisted")


def test_mail_that_was_refused_or_waits_for_a_moment_is_no_more_than_worth_a_look(app):
    queue(next_attempt_at=clock.now() - timedelta(minutes=5), last_error="451 greylisted")
    assert one(mails.find_queue())[0] == "warn"
    with database.transaction() as session:
        hour_ago = clock.now() - timedelta(hours=1)
        session.execute(update(OutboxMail).values(state="failed", next_attempt_at=hour_ago))
    state, words = one(mails.find_queue())
    assert (state, words.partition(",")[0]) == ("warn", "An email was refused")


def test_mail_that_nobody_sends_is_found(app):
    queue(next_attempt_at=clock.now() - timedelta(hours=1))
    assert one(mails.find_queue())[1].startswith("No mail worker is running")


def test_the_mail_server_is_really_asked_and_nothing_is_sent(app, with_settings):
    with MailServer() as server:
        with_settings(mail_server="localhost", mail_port=server.port, mail_security="none")
        assert one(mails.find_server()) == ("ok", "localhost lets the site in: NOT encrypted, without signing in.")
        with_settings(mail_security="starttls")
        assert one(mails.find_server())[0] == "fail"
        with_settings(mail_security="none", mail_username="kit", mail_password="wrong")
        assert one(mails.find_server())[0] == "fail"
    assert server.taken == []


def test_a_mail_server_that_does_not_answer_is_found(app, with_settings, monkeypatch):
    monkeypatch.setattr(mails, "TIMEOUT", 0.5)
    with_settings(mail_server="localhost", mail_port=free_port(), mail_security="none")
    assert "No connection to the mail server localhost" in one(mails.find_server())[1]
    with SilentServer() as server:
        with_settings(mail_port=server.port)
        assert one(mails.find_server())[0] == "fail"


def test_a_site_without_a_mail_server_is_found_without_asking_others(app, with_settings):
    assert one(mails.find_setting()) == ("warn", "None is set: emails are written as files, and nobody gets one.")
    with database.transaction():
        site_marks.keep(site_marks.MAIL_SERVER)
    assert one(mails.find_setting())[0] == "fail"
    assert mails.find_server() == []
    with_settings(mail_server="localhost")
    assert mails.find_setting() == []


def backed_up(*, hours_ago: float, error: str = ""):
    with time_machine.travel(clock.now() - timedelta(hours=hours_ago)), database.transaction():
        run = runs.begin("clinic-x.tar.gz", encrypted=True)
        run.finished_at, run.error, run.verified = clock.now(), error, "restored"


def test_a_site_without_a_backup_is_found(app):
    assert said(backups.find())["There has never been one of this database."] == "fail"


def test_a_backups_age_is_told_and_one_that_is_too_old_is_wrong(app, with_settings, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    for program in postgresql_programs.PROGRAMS:
        (tmp_path / program).touch(0o700)
    word = tmp_path / "word"
    word.write_text("a long enough passphrase")
    with_settings(backup_folder=str(tmp_path), backup_passphrase_file=str(word))
    backed_up(hours_ago=40)
    assert [state for words, state in said(backups.find()).items() if words.startswith("The last is of")] == [
        "fail"
    ]
    backed_up(hours_ago=10)
    assert [state for words, state in said(backups.find()).items() if words.startswith("The last is of")] == ["ok"]
    backed_up(hours_ago=1, error="No room.")
    assert any(words.endswith("No room.") and state == "fail" for words, state in said(backups.find()).items())


def test_what_stands_in_the_way_of_the_next_backup_is_found(app, with_settings, tmp_path):
    with_settings(backup_folder=str(tmp_path / "unmounted"), backup_passphrase_file=str(tmp_path / "none"))
    words = " ".join(said(backups.find()))
    assert "unmounted is not there" in words
    assert "cannot be read" in words
    with_settings(backup_folder=str(tmp_path), backup_passphrase_file="")
    words = " ".join(said(backups.find()))
    assert "is on the disk of the data" in words
    assert "not encrypted" in words


def test_a_check_that_breaks_is_a_finding_and_stops_no_other(app, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: 1 / 0)
    found = list(report.findings(asking_others=False))
    broken = [finding for finding in found if finding.words.startswith("The check broke")]
    assert [finding.about for finding in broken] == (["Database", "Disk"] if database.is_sqlite() else ["Disk"])
    assert {"Settings", "Clock", "Backups"} <= {finding.about for finding in found}


def doctor(app, *arguments):
    return app.test_cli_runner().invoke(args=["doctor", *arguments])


def test_the_doctor_says_what_to_do_and_its_exit_status_tells_the_worst(app, with_settings):
    done = doctor(app, "--quick")
    assert done.exit_code == 2
    assert "fail  Backups: There has never been one of this database.\n      -> Make one now" in done.output
    assert "Mail server: None is set" in done.output
    backed_up(hours_ago=1)
    if database.is_sqlite():
        assert doctor(app).exit_code == 1


def test_a_purge_that_is_off_is_no_fault_and_one_that_does_not_come_is_said(app, with_settings):
    assert one(retention.find())[0] == "ok"
    with_settings(purge="daily")
    assert one(retention.find())[0] == "warn"
    with database.transaction():
        assert purging.step() == {}
    assert one(retention.find())[0] == "ok"
    with time_machine.travel(clock.now() + timedelta(days=2)):
        state, words = one(retention.find())
    assert (state, words[:14]) == ("warn", "The last began")


def test_copies_of_the_programs_templates_are_well(own_template):
    folder = Path(__file__).parents[2] / "templates"
    copied = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    for path in copied:
        own_template(path.relative_to(folder).as_posix(), path.read_bytes())
    assert one(templates.find()) == ("ok", f"{len(copied)} own templates.")


def test_templates_of_the_clinics_own_that_cannot_be_read_are_found(app, own_template):
    own_template("public/pages/home.html", "{% include 'ours/hours.html' %}{% include 'x' ignore missing %}")
    own_template("ours/hours.html", "Always")
    own_template(".git/index", b"\xff")
    assert one(templates.find()) == ("ok", "2 own templates.")
    own_template("public/pages/privcy.html", "a slip")
    assert said(templates.find()) == {"public/pages/privcy.html stands for none of the program's.": "warn"}
    own_template("email/enquiry_received/body.txt", "Hello\n{% if %}")
    own_template("public/pages/privacy.html", "{{ 1|unheard_of }}")
    own_template("public/blog/index.html", "{% extends 'layouts/bse.html' %}{% include name %}")
    own_template("errors/404.html", b"\xff\xfe")
    Path(app.jinja_loader.loaders[0].searchpath[0], "errors", "500.html").symlink_to("nowhere")
    assert said(templates.find()) == {
        "email/enquiry_received/body.txt: line 2: Expected an expression, got 'end of statement block'.": "fail",
        "public/pages/privacy.html: line 1: No filter named 'unheard_of'.": "fail",
        "public/blog/index.html needs layouts/bse.html, which is not there.": "fail",
        "errors/404.html: it is not UTF-8.": "fail",
        "errors/500.html: it cannot be read.": "fail",
    }


def test_a_site_without_templates_of_its_own_is_well(app):
    assert one(templates.find()) == ("ok", "None of your own.")
