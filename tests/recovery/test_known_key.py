"""A secret key that was lost, or that another server does not share, is noticed."""

from datetime import timedelta

import pytest
import time_machine

from clinic_app import clock, site_marks
from clinic_app.health import keys
from clinic_app.recovery import known_key, making

from .conftest import close

ANOTHER = "another-key-that-is-as-long-as-it-should-be"
SAID = "Secret key: It is not the one that the site has run with."


@pytest.fixture
def site(sites):
    """A site that has been started with its key."""
    site = sites.new()
    assert "Secret key" not in start(site)
    return site


def start(site, key: str = "", *, days: int = 0) -> str:
    """What `make run` says, so many days later."""
    site.config["SECRET_KEY"] = key or site.config["SECRET_KEY"]
    with time_machine.travel(clock.now() + timedelta(days=days), tick=False):
        done = site.test_cli_runner().invoke(args=["setup", "--no-starter"])
    assert done.exit_code == 0, done.output
    return done.output + done.stderr


def state(site) -> str:
    with site.app_context():
        (finding,) = keys.find()
        close()
        return finding.state


def test_another_key_is_told_at_each_start_until_the_old_one_is_back(site):
    old = site.config["SECRET_KEY"]
    assert state(site) == "ok"
    assert SAID in start(site, ANOTHER)
    assert SAID in start(site)
    assert state(site) == "fail"
    assert SAID not in start(site, old)
    assert state(site) == "ok"


def test_a_key_that_is_lost_for_good_is_given_up(site):
    start(site, ANOTHER)
    assert SAID in start(site, days=29)
    assert SAID not in start(site, days=30)
    assert state(site) == "ok"


def test_a_server_with_the_sites_key_keeps_another_ones_from_being_taken_for_it(site):
    old = site.config["SECRET_KEY"]
    start(site, ANOTHER)
    start(site, old, days=20)
    assert SAID in start(site, ANOTHER, days=40)


def test_a_restored_site_knows_the_key_of_its_backup(sites, tmp_path):
    """Also of one that was made before the database knew its mark."""
    old = sites.new(revision="0025_given_up_mails")
    with old.app_context():
        making.make(tmp_path / "backup")
        close()
    new = sites.new(revision="")
    new.test_cli_runner().invoke(args=["restore", str(tmp_path / "backup")])
    assert SAID in start(new)
    assert SAID not in start(new, old.config["SECRET_KEY"])


def test_the_mark_tells_nothing_of_the_key(site):
    with site.app_context():
        mark = site_marks.find(known_key.KNOWN).value
        close()
    assert len(mark) == 16
    assert mark not in site.config["SECRET_KEY"]
