"""`flask setup` says what of a clinic's own templates is wrong, before anybody is served."""

import os
import subprocess
import sys

import pytest

from ..databases import KINDS, create_database
from ..server import DEADLINE_SECONDS


@pytest.fixture
def setup(app):
    """Sets the site up; gives the exit status and what was said."""

    def run(*options):
        done = app.test_cli_runner().invoke(args=["setup", *(options or ["--no-starter"])])
        return done.exit_code, done.output + done.stderr

    return run


@pytest.mark.parametrize(
    ("notice", "says"),
    [
        (
            "Who we are\n{% if %}",
            "instance/templates/public/pages/privacy_notice.html: line 2: Expected an expression",
        ),
        ("{{ 1 / 0 }}", "cannot be shown: division by zero."),
        ("{% broken", "Encountered unknown tag 'broken'. Mend"),
    ],
)
def test_a_notice_that_cannot_be_shown_stops_it_in_words(setup, own_template, notice, says):
    own_template("public/pages/privacy_notice.html", notice)
    status, said = setup()
    assert status == 1
    assert says in said
    assert "The privacy notice cannot be shown: " in said
    assert "Mend instance/templates/public/pages/privacy_notice.html, or take it away" in said
    assert ".. Mend" not in said


def test_any_other_template_is_told_and_stops_nothing(setup, own_template):
    own_template("public/pages/home.html", "{% if %}")
    status, said = setup()
    assert status == 0
    assert "instance/templates/public/pages/home.html: line 1: Expected an expression" in said


def test_a_site_without_templates_of_its_own_hears_nothing_of_them(setup):
    status, said = setup()
    assert status == 0
    assert "templates" not in said


def test_a_site_set_up_without_starter_content_stays_without_it(setup):
    setup("--no-starter")
    assert "Loading starter content" not in setup("--starter")[1]


def test_starter_content_comes_at_the_first_start_that_gets_so_far(setup, own_template):
    own_template("public/pages/privacy_notice.html", "{{ 1 / 0 }}")
    assert setup("--starter")[0] == 1
    own_template("public/pages/privacy_notice.html", "Our own words")
    assert "Loading starter content." in setup("--starter")[1]


@pytest.mark.parametrize("kind", KINDS)
def test_servers_that_start_together_prepare_their_database_one_after_another(kind, request, tmp_path):
    shared, folders = {"CLINIC_SECRET_KEY": "k" * 48}, ("one", "one")
    if kind == "postgresql":
        folders = "one", "another"
        shared["CLINIC_DATABASE_URL"] = create_database(request.getfixturevalue("postgres"), "setups")
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "setup", "--no-starter"]
    together = [
        subprocess.Popen(
            command,
            env=os.environ | shared | {"CLINIC_INSTANCE": str(tmp_path / folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for folder in folders
    ]
    said = [server.communicate(timeout=DEADLINE_SECONDS)[0] for server in together]
    assert [server.returncode for server in together] == [0, 0], said
    assert sorted(output.count("migrations applied") for output in said) == [0, 1]
