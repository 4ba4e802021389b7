"""The `flask` commands are there, though none is loaded before it is asked for."""

import click

from clinic_app import create_app


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
