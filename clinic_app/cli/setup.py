"""`flask setup`: what `make run` does before it serves."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import select

from .. import database, privacy_notice
from ..blog.models import Post
from ..booking.models import Practitioner, Service
from ..extensions import db
from ..testimonials.models import Testimonial
from .content import bring_in_folder

CONTENT = (Post, Testimonial, Practitioner, Service)


@click.command()
@click.option("--starter/--no-starter", default=True, help="Whether to fill an empty site with starter content.")
@with_appcontext
def setup(starter: bool) -> None:
    """Create or migrate the database; load starter content where it is empty."""
    try:
        waiting = database.pending_migrations()
    except database.SchemaMismatchError as error:
        raise click.ClickException(str(error)) from None
    if waiting:
        upgrade()
        click.echo(f"The database is up to date (migrations applied: {len(waiting)}).")
    with database.transaction():
        privacy_notice.keep()
    if starter and _is_empty():
        click.echo("Loading starter content.")
        bring_in_folder(Path(current_app.root_path) / "starter")


def _is_empty() -> bool:
    return not any(db.session.scalar(select(model.id).limit(1)) for model in CONTENT)
