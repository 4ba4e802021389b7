"""Two versions of the program on one database, as while an update goes on: both answer, and nothing is lost."""

import re
import shutil
import subprocess

import pytest

from ..databases import KINDS, settings_on
from ..server import ROOT, Server, answers
from .asking import read
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
    refuses_to_start(new_server, r"lacks migrations of this program \(1\).*flask setup")
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


@pytest.fixture
def pulled(tmp_path, next_version):
    """A checkout of the program, of which the next version is there to be pulled."""
    upstream, checkout = tmp_path / "upstream", tmp_path / "checkout"
    shutil.copytree(next_version, upstream)
    (upstream / "clinic_app" / "migrations" / "versions" / "9999_next.py").unlink()
    git(upstream, "init", "--quiet")
    commit(upstream)
    git(tmp_path, "clone", "--quiet", str(upstream), str(checkout))
    shutil.copytree(next_version, upstream, dirs_exist_ok=True)
    privacy = upstream / "templates" / "public" / "pages" / "privacy.html"
    privacy.write_text(privacy.read_text().replace("{% block main %}", "{% block main %}What is new"))
    commit(upstream)
    return checkout


def test_an_update_as_the_readme_has_it_changes_nothing_under_a_server_and_loses_nothing(site, pulled):
    server = site.server
    server.stop()
    server.program = pulled
    server.start()
    with Stream(site.app, server) as stream:
        stream.wait_for(3)
        for step in steps_of_update():
            if "systemctl stop" in step:
                server.stop()
            elif "systemctl start" in step:
                server.flask("setup", "--no-starter")
                server.start()
            else:
                was, serves = git(pulled, "rev-parse", "HEAD"), answers(server.url)
                git(pulled, *re.search(r"git (?:-C \S+ )?(\w+(?: --[\w-]+)?)", step)[1].split())
                assert not serves or git(pulled, "rev-parse", "HEAD") == was, step
        stream.wait_for(3)
    assert "What is new" in read(site, "/privacy")[1]
    assert survivors(stream.answered) == len(stream.answered)


def steps_of_update() -> list[str]:
    """The README's lines."""
    told = re.search(r"\n\d\. \*\*Updates.*?```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    return told[1].strip().splitlines()


def git(folder, *words: str) -> str:
    command = ["git", "-c", "user.name=Kit Example", "-c", "user.email=kit@clinic.example", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def commit(folder) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "As it is")


def refuses_to_start(server: Server, words: str) -> None:
    """A server whose schema is not the database's ends, and says what to do."""
    with pytest.raises(AssertionError, match="the server ended"):
        server.start()
    assert re.search(words, server.output())
