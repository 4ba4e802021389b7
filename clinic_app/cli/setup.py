"""`flask setup`: what `make run` does before it serves."""

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade

from .. import database, rate_limits


@click.command()
@with_appcontext
def setup() -> None:
    """Create or migrate the database; load starter content where it is empty."""
    waiting = database.pending_migrations()
    if waiting:
        upgrade()
        click.echo(f"The database is up to date ({len(waiting)} migrations applied).")
    with database.transaction():
        rate_limits.purge()
