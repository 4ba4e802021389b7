"""The `flask` commands are there, though none is loaded before it is asked for."""

import contextlib
import errno
import io
import os
import re
from pathlib import Path

import click
import pytest
from flask.cli import ScriptInfo

from clinic_app import create_app
from clinic_app.extensions import db
from tests import databases

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "clinic_app" / "starter"


def test_every_command_stands_where_it_is_looked_for(tmp_path):
    group = create_app(instance=tmp_path, environ={}).cli
    context = click.Context(group)
    imports = group.get_command(context, "import")
    for each in (group, imports):
        names = each.list_commands(context)
        assert {"setup", "backup"} <= set(names) or "markdown" in names
        assert [each.get_command(context, name).name for name in names] == names
    assert group.get_command(context, "nothing") is None


def test_commands_of_extensions_stay(tmp_path):
    group = create_app(instance=tmp_path, environ={"FLASK_RUN_FROM_CLI": "true"}).cli
    assert "db" in group.list_commands(click.Context(group))


def commands_in(group: click.Group, context: click.Context, path: tuple[str, ...] = ()):
    """Each command's words, and its options."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands_in(command, context, (*path, name))
        else:
            options = [option for option in command.params if isinstance(option, click.Option)]
            yield " ".join((*path, name)), {name for option in options for name in option.opts}


def test_every_command_stands_in_the_docs_with_its_options(tmp_path):
    group = create_app(instance=tmp_path, environ={}).cli
    rows = re.findall(
        r"(?m)^\| `([a-z -]+?)(?: [A-Z.\[\] ]+)?` \|(.*)$", (ROOT / "docs" / "commands.md").read_text()
    )
    told = {name: set(re.findall(r"--[a-z-]+", words)) for name, words in rows}
    there = dict(commands_in(group, click.Context(group)))
    there["setup"] = {"--no-starter"}  # its other half says what is done anyway
    assert told.keys() == there.keys()
    for name, options in there.items():
        assert options <= told[name], name


@pytest.fixture(params=databases.KINDS)
def not_set_up(request, tmp_path):
    """An application on an empty database, SQLite and PostgreSQL in turn."""
    environ = {}
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        environ["CLINIC_DATABASE_URL"] = databases.create_database(postgres, "not_set_up")
    app = create_app(instance=tmp_path, environ=environ)
    yield app
    app.extensions["content_version"].close()
    with app.app_context():
        db.engine.dispose()


def test_commands_on_a_database_that_is_not_set_up_say_what_to_run(not_set_up):
    for command in (
        ["staff", "list"],
        ["staff", "invite", "kit@clinic.example", "--role", "editor"],
        ["mail", "list"],
        ["appointments", "list"],
        ["import", "markdown", str(STARTER)],
    ):
        done = not_set_up.test_cli_runner().invoke(args=command)
        assert (done.exit_code, type(done.exception)) == (1, SystemExit), command
        assert "Run `flask setup`." in done.output


@pytest.mark.parametrize(
    "command",
    [
        "practitioners off all 2027-12-24 2027-12-25 --reason",
        "appointments decline 1 --reason",
        "appointments cancel 1 --reason",
        "testimonials hide 1 --note",
        "testimonials hide 1 --by",
        "staff invite kim@clinic.example --role reception --name",
        "staff invite kim@clinic.example --role reception --practitioner",
        "practitioners feed",
    ],
)
@pytest.mark.parametrize(("words", "told"), [("caf\udce9", "is not in UTF-8"), ("é" * 2001, "is longer than")])
def test_words_that_cannot_be_kept_are_refused(app, command, words, told):
    result = app.test_cli_runner().invoke(args=[*command.split(), words])
    assert (result.exit_code, told in result.output) == (2, True)


def test_a_file_whose_name_cannot_be_kept_is_refused(app, tmp_path):
    file = tmp_path / "caf\udce9"
    for command in ("backup", "restore", "copy-database"):
        result = app.test_cli_runner().invoke(args=[command, str(file)])
        assert (result.exit_code, "is not in UTF-8" in result.output, file.exists()) == (2, True, False)


@pytest.mark.parametrize("command", ["restore", "restore --dry-run", "copy-database"])
def test_what_is_read_more_than_once_is_taken_through_no_pipe(app, tmp_path, command):
    os.mkfifo(tmp_path / "pipe")
    for file in (tmp_path / "pipe", "/dev/null", "-"):
        result = app.test_cli_runner().invoke(args=[*command.split(), str(file)])
        assert (result.exit_code, "save it to a file first" in result.output) == (2, True), result.output


def test_no_backup_is_written_to_a_file_called_as_others_call_a_pipe(app, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = app.test_cli_runner().invoke(args=["backup", "-"])
    assert (result.exit_code, "Name a FILE" in result.output, list(tmp_path.iterdir())) == (2, True, [])


class FullDisk(io.StringIO):
    def write(self, _text):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("command", ["encrypt key", "purge --register"])
def test_a_full_disk_that_a_command_s_words_go_to_is_told(app, command):
    with contextlib.redirect_stdout(FullDisk()), pytest.raises(click.ClickException, match="words go to is full"):
        app.cli.main(command.split(), obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)


def test_a_purge_that_is_to_tell_removes_nothing(app):
    for both in (["--count", "--really"], ["--register", "--really"]):
        result = app.test_cli_runner().invoke(args=["purge", *both])
        assert (result.exit_code, "Say one of" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("appointments list", "There are no appointments to come.\n"),
        ("practitioners list", "There are no practitioners.\n"),
        ("enquiries list", "There are no enquiries.\n"),
        ("enquiries list --state spam", "There are no spam enquiries.\n"),
        ("testimonials list --state waiting", "There are no waiting testimonials.\n"),
        (
            "staff list",
            "There are no members of staff. `flask setup` prints the link that makes the first owner.\n",
        ),
    ],
)
def test_a_list_of_nothing_says_so(app, words, said):
    assert app.test_cli_runner().invoke(args=words.split()).output == said


def test_no_erasures_are_told_beside_what_is_kept(app):
    result = app.test_cli_runner().invoke(args=["people", "erasures"])
    assert (result.stdout, result.stderr) == ("", "Nobody was erased.\n")
