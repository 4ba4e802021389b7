"""Two versions of the program on one database, as while an update goes on: both answer, and nothing is lost."""

import re
import shutil

import pytest

from ..databases import KINDS, settings_on
from ..server import ROOT, Server
from .conftest import served
from .stream import Stream, survivors

PARTS = ("clinic_app", "templates", "static", "wsgi.py")
NEXT = '''"""A column that the next version adds.

Revision ID: 9999_next
Revises: {head}
"""

import sqlalchemy as sa
from alembic import op

revision = "9999_next"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enquiries", sa.Column("next_thing", sa.Text(), nullable=False, server_default=""))
'''


@pytest.fixture
def next_version(tmp_path):
    """The folder of a program that is one migration ahead."""
    folder = tmp_path / "next"
    folder.mkdir()
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    versions = folder / "clinic_app" / "migrations" / "versions"
    head = max(path.stem for path in versions.glob("[0-9]*.py"))
    (versions / "9999_next.py").write_text(NEXT.format(head=head))
    return folder


@pytest.fixture(params=KINDS)
def site(request, tmp_path):
    """A site of its own, whose schema goes on."""
    settings = settings_on(request.param, request, f"clinic_{tmp_path.name[-40:]}")
    with served(tmp_path / "instance", request.param, **settings) as site, site.looked_into():
        yield site


@pytest.fixture
def new_server(site, next_version):
    """A server of the next version, on the same database, that is not started yet."""
    server = Server(site.server.instance, program=next_version)
    server.environ |= {
        key: value
        for key, value in site.server.environ.items()
        if key.startswith("CLINIC_") and "LISTEN" not in key
    }
    yield server
    if server.process:
        server.kill()


def test_a_new_version_takes_over_while_the_old_one_serves_and_nothing_is_lost(site, new_server, tally):
    refuses_to_start(new_server, r"lacks migrations of this program \(1\).*flask --app wsgi setup")
    with Stream(site.app, site.server) as of_old:
        of_old.wait_for(3)
        new_server.flask("setup", "--no-starter")
        of_old.wait_for(3)
        new_server.start()
        with Stream(site.app, new_server) as of_new:
            of_new.wait_for(3)
            of_old.wait_for(3)
    site.server.stop()
    refuses_to_start(site.server, r"migrated by a newer version of this program \(9999_next\)")
    answered = [*of_old.answered, *of_new.answered]
    figures = {"faults": 1, "tried": len(answered), "survived": survivors(answered)}
    remarks = f"{len(of_old.answered)} answered by the old server, {len(of_new.answered)} by the new one"
    tally("two versions at once", site.database, **figures, remarks=remarks)


def refuses_to_start(server: Server, words: str) -> None:
    """A server whose schema is not the database's ends, and says what to do."""
    with pytest.raises(AssertionError, match="the server ended"):
        server.start()
    assert re.search(words, server.output())
