"""What a process that serves the site loads, and what it leaves until it is needed."""

import os
import subprocess
import sys
from pathlib import Path

from holidays import country_holidays
from werkzeug.routing import Map

from clinic_app import checks
from clinic_app.site import Rule
from clinic_app.web import static_files

ROOT = Path(__file__).parent.parent
# Slow to load, large in memory, and needed by few requests or by commands only.
LATER = {
    "PIL": "pictures that are new",
    "alembic": "migrations",
    "bs4": "imports",
    "email_validator": "forms with an address",
    "flask_migrate": "migrations",
    "holidays": "the calendar",
    "icalendar": "calendar files",
    "limits": "forms that are counted",
    "markdown_it": "what staff save",
    "markdownify": "imports",
    "nh3": "what staff save",
    "phonenumbers": "numbers that are shown or typed",
    "sqlalchemy.dialects.postgresql": "sites on PostgreSQL",
    "webauthn": "passkeys",
    "yaml": "imports",
    "clinic_app.blog.checks": "what staff save",
    "clinic_app.health.report": "who looks whether the site is well",
    "clinic_app.recovery.making": "one server, once a night",
    "clinic_app.cli.setup": "commands",
}


def test_a_server_starts_without_what_few_requests_need(tmp_path):
    files = static_files.files_in(static_files.SOURCE)
    names = static_files.hashed_names(files)
    static_files.build(files, tmp_path / "built", names)  # icons are drawn at the first start
    code = "import sys, clinic_app; clinic_app.create_app(instance=sys.argv[1], environ={}); print(*sys.modules)"
    command = [sys.executable, "-c", code, tmp_path]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "flask" in loaded
    assert not {name: why for name, why in LATER.items() if name in loaded}


def test_a_server_that_was_set_up_tells_public_holidays_without_their_library(tmp_path):
    environ = os.environ | {"CLINIC_INSTANCE": str(tmp_path), "FLASK_APP": "wsgi"}
    setup = [sys.executable, "-m", "flask", "setup"]
    subprocess.run(setup, cwd=ROOT, env=environ, capture_output=True, check=True)
    code = """
import sys, clinic_app
app = clinic_app.create_app(instance=sys.argv[1], environ={})
assert app.test_client().get("/book/follow-up/anyone").status_code == 200
print(*sys.modules)
"""
    command = [sys.executable, "-c", code, tmp_path]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "holidays" not in run.stdout.split()


def test_what_builds_an_address_is_written_when_the_first_one_is_built():
    rule = Rule("/enquiries/<int:number>", endpoint="enquiry")
    urls = Map([rule]).bind("localhost")
    unwritten = rule._build_unknown
    assert urls.build("enquiry", {"number": 3, "after": "x y"}) == "/enquiries/3?after=x+y"
    assert rule._build_unknown is not unwritten
    assert urls.build("enquiry", {"number": 4}) == "/enquiries/4"


def test_the_states_that_are_known_without_the_calendar_are_known_to_it():
    assert set(country_holidays("AU").subdivisions) >= checks.AUSTRALIAN_STATES
