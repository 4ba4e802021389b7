"""The `flask` commands are there, though none is loaded before it is asked for."""

from pathlib import Path

import click
import pytest

from clinic_app import create_app
from tests import databases

STARTER = Path(__file__).parents[2] / "clinic_app" / "starter"


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


@pytest.fixture(params=databases.KINDS)
def not_set_up(request, tmp_path):
    """An application on an empty database, SQLite and PostgreSQL in turn."""
    environ = {}
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        environ["CLINIC_DATABASE_URL"] = databases.create_database(postgres, "not_set_up")
    return create_app(instance=tmp_path, environ=environ)


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
        assert "Run `flask --app wsgi setup`." in done.output
