"""What a process that serves the site loads, and what it leaves until it is needed."""

import subprocess
import sys
from pathlib import Path

from holidays import country_holidays

from clinic_app import checks

ROOT = Path(__file__).parent.parent
# Slow to load, large in memory, and needed by few requests or by commands only.
LATER = {
    "alembic": "migrations",
    "bs4": "imports",
    "flask_migrate": "migrations",
    "holidays": "the calendar",
    "icalendar": "calendar files",
    "markdown_it": "what staff save",
    "markdownify": "imports",
    "yaml": "imports",
    "clinic_app.blog.checks": "what staff save",
    "clinic_app.health.report": "who looks whether the site is well",
    "clinic_app.recovery.making": "one server, once a night",
    "clinic_app.cli.setup": "commands",
}


def test_a_server_starts_without_what_few_requests_need(tmp_path):
    code = "import sys, clinic_app; clinic_app.create_app(instance=sys.argv[1], environ={}); print(*sys.modules)"
    command = [sys.executable, "-c", code, tmp_path]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "flask" in loaded
    assert not {name: why for name, why in LATER.items() if name in loaded}


def test_the_states_that_are_known_without_the_calendar_are_known_to_it():
    assert set(country_holidays("AU").subdivisions) >= checks.AUSTRALIAN_STATES
