"""A server that was started with other settings than another one, or than what is there now, is noticed."""

from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import time_machine

from clinic_app import clock, create_app, servers, site_marks
from clinic_app.booking import zone_change
from clinic_app.extensions import db
from clinic_app.health import servers as check
from clinic_app.mail import chores, worker

from .test_findings import one


@pytest.fixture
def started(app, tmp_path):
    """`with started("web2", TIMEZONE="UTC") as server:` another server of the site, whose worker has begun."""

    @contextmanager
    def start(name: str, **settings):
        environ = {f"CLINIC_{key}": value for key, value in settings.items()}
        environ |= {
            "CLINIC_DATABASE_URL": db.engine.url.render_as_string(hide_password=False),
            "CLINIC_SECRET_KEY": environ.get("CLINIC_SECRET_KEY", app.config["SECRET_KEY"]),
            "CLINIC_PUBLIC_URL": "https://clinic.example",
            "CLINIC_RATE_LIMITS": "off",
        }
        server = create_app(instance=tmp_path / name, environ=environ)
        worker.Worker(server).run_once()
        yield server
        with server.app_context():
            db.engine.dispose()
        server.extensions["content_version"].close()

    return start


def find():
    """The findings of now."""
    db.session.rollback()
    return check.find()


def told(app) -> None:
    """The application's own worker has begun, as after a start."""
    for name in ("server_told_at", "server_digests"):
        app.extensions.pop(name, None)
    worker.Worker(app).run_once()


def test_a_server_that_runs_with_other_settings_than_another_is_named(app, started):
    told(app)
    with started("web2", TIMEZONE="Australia/Perth", HOURS='{monday = ["9:00-17:00"]}'):
        state, words = one(find())
    assert state == "warn"
    assert "web2 differs from this server" in words
    assert words.count(": timezone, hours.") == 1


def test_what_is_a_machines_own_may_differ_and_tables_may_be_written_in_another_order(app, started, with_settings):
    with_settings(hours=dict(reversed(app.config["CLINIC"].hours.items())))
    told(app)
    with started("web2", BACKUP_FOLDER="", LOG_FORMAT="json", MAIL_WORKER="separate"):
        assert one(find()) == ("ok", "They run with the settings that are here.")


def test_another_key_is_named_alone(app, started):
    told(app)
    with started("web2", SECRET_KEY="x" * 64):
        assert ": secret key. What" in one(find())[1]


def test_own_files_that_only_one_server_has_are_noticed_but_for_hidden_ones(app, started, own_folder):
    told(app)
    with started("web2") as other:
        folder = Path(other.instance_path)
        (folder / "templates/email").mkdir(parents=True)
        (folder / "templates/.hidden").write_text("x")
        told(other)
        assert one(find())[0] == "ok"
        (folder / "templates/email/test.txt").write_text("x")
        told(other)
        assert "templates/" in one(find())[1]


def test_a_file_beside_own_templates_that_cannot_be_read_keeps_no_site_from_its_start(app, own_folder):
    folder = Path(app.instance_path, "templates")
    folder.mkdir()
    (folder / "notes.txt").symlink_to("/proc/self/mem")  # which nobody reads from its beginning
    done = app.test_cli_runner().invoke(args=["setup", "--no-starter"])
    assert done.exit_code == 0, done.output
    told(app)
    assert one(find())[0] == "ok"


def test_a_server_that_was_not_started_again_after_a_change_is_told_to_be(app, with_settings):
    assert find() == []
    told(app)
    assert one(find()) == ("ok", "They run with the settings that are here.")
    with_settings(emergency_number="112")
    del app.extensions["server_told_at"]
    worker.Worker(app).run_once()  # which goes on with what it was started with
    assert one(find()) == ("warn", "Changed since the server was started: emergency_number.")
    told(app)
    assert one(find())[0] == "ok"


def test_a_server_tells_of_itself_now_and_then_and_is_forgotten_when_it_is_gone(app):
    now = clock.now()
    with time_machine.travel(now, tick=False) as travel:
        told(app)
        assert not servers.is_untold()
        travel.move_to(now + servers.TOLD_EVERY)
        assert servers.is_untold()
        worker.Worker(app).run_once()
        travel.move_to(now + servers.TOLD_EVERY + servers.GONE_AFTER - timedelta(seconds=1))
        assert len(servers.here()) == 1
        travel.move_to(now + servers.TOLD_EVERY + servers.GONE_AFTER)
        assert servers.here() == []
        app.extensions["server_told_at"] = clock.now()
        chores.do_all(app)
        assert db.session.query(servers.Server).count() == 0


def test_while_servers_go_by_different_clocks_closures_stay_where_they_are(app, started, with_settings):
    set_up = partial(app.test_cli_runner().invoke, args=["setup", "--no-starter"])
    set_up()
    with_settings(timezone="Australia/Perth")
    with started("web2", TIMEZONE="Australia/Sydney"):
        assert "Another time zone or secret key is set on " in (told_by := set_up().stderr) and "web2" in told_by
        assert site_marks.find(zone_change.KNOWN).value == "Australia/Sydney"
    with started("web2", TIMEZONE="Australia/Perth"):
        assert "The time zone was Australia/Sydney." in set_up().output
        assert site_marks.find(zone_change.KNOWN).value == "Australia/Perth"


def test_of_a_server_with_another_key_nobody_says_that_its_time_zone_is_another(app, started):
    with started("web2", SECRET_KEY="x" * 64):
        told_by = app.test_cli_runner().invoke(args=["setup", "--no-starter"]).stderr
    assert "Another time zone or secret key is set on " in told_by
    assert site_marks.find(zone_change.KNOWN) is None, "its clocks may be others"


def test_a_server_whose_clock_was_far_ahead_is_forgotten_too(app, started):
    now = clock.now()
    with time_machine.travel(now + timedelta(days=400), tick=False), started("web2"):
        assert len(servers.here()) == 1
    db.session.rollback()
    with time_machine.travel(now, tick=False):
        assert servers.here() == []
        told(app)
        db.session.rollback()
        assert [each.name for each in db.session.query(servers.Server)] == [servers.name()]
