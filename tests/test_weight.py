"""What a process that serves the site loads, and what it leaves until it is needed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from werkzeug.routing import Map

from clinic_app import pictures, public
from clinic_app.extensions import db
from clinic_app.site import Rule

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


def loaded(folder: Path, *lines: str, **settings: str) -> set[str]:
    """The modules of a process that starts on a site that was set up, once it has run the lines."""
    environ = os.environ | {"CLINIC_INSTANCE": str(folder), "FLASK_APP": "wsgi"} | settings
    code = "\n".join(["import clinic_app, sys", "app = clinic_app.create_app()", *lines, "print(*sys.modules)"])
    for command in (["-m", "flask", "setup"], ["-c", code]):
        run = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
        )
    return set(run.stdout.split())


def test_a_server_starts_without_what_few_requests_need(tmp_path):
    found = loaded(tmp_path)
    assert "flask" in found
    assert not {name: why for name, why in LATER.items() if name in found}


@pytest.mark.parametrize("country, state", [("AU", "NSW"), ("GB", "England")])
def test_a_server_that_was_set_up_tells_public_holidays_without_their_library(tmp_path, country, state):
    page = 'assert app.test_client().get("/book/follow-up/anyone").status_code == 200'
    assert "holidays" not in loaded(tmp_path, page, CLINIC_COUNTRY=country, CLINIC_STATE=state)


def test_models_have_a_base_without_annotations_which_would_be_evaluated_for_each_of_them():
    assert not [base for base in db.Model.__mro__ if vars(base).get("__annotations__")]


def test_neither_a_start_nor_a_picture_reads_the_systems_list_of_kinds_of_files(tmp_path):
    assert set(public.media.KINDS) == set(pictures.media.SIGNATURES)
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "hill.avif").write_bytes(b"a picture")
    picture = 'assert app.test_client().get("/media/hill.avif").mimetype == "image/avif"'
    loaded(tmp_path, picture, "import mimetypes", "assert not mimetypes.inited")


def test_what_builds_an_address_is_written_when_the_first_one_is_built():
    rule = Rule("/enquiries/<int:number>", endpoint="enquiry")
    urls = Map([rule]).bind("localhost")
    unwritten = rule._build_unknown
    assert urls.build("enquiry", {"number": 3, "after": "x y"}) == "/enquiries/3?after=x+y"
    assert rule._build_unknown is not unwritten
    assert urls.build("enquiry", {"number": 4}) == "/enquiries/4"
