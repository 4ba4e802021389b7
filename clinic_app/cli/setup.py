"""`flask setup`: what `make run` does before it serves."""

import os
import socket
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from .. import config, database, files, privacy_notice, schema, servers, site_folder, site_marks, templating
from ..accounts import invitations, members
from ..blog.models import Post
from ..booking import closed_days, zone_change
from ..booking.models import Practitioner, Service
from ..extensions import db
from ..health import at_rest, keys, machine, mails, pictures, templates
from ..health.finding import FAIL
from ..keys import encryption, sealing
from ..recovery import broken_off, known_key, left_behind
from ..recovery.refusals import Refused
from ..testimonials.models import Testimonial
from .content import bring_in_folder
from .words import TAKEN_BACK, tell_wait

CONTENT = (Post, Testimonial, Practitioner, Service)


@click.command()
@click.option("--starter/--no-starter", default=True, help="Whether to fill a new site with starter content.")
@with_appcontext
def setup(starter: bool) -> None:
    """Create or migrate the database; load starter content into a new one."""
    if listen := os.environ.get("CLINIC_LISTEN"):
        _be_free(listen)
        _note(listen)
    with schema.setting_up(wait=tell_wait):
        _prepare(starter)
    _invite_first_owner()


def _prepare(starter: bool) -> None:
    try:
        if broken_off.take_back():
            click.echo(TAKEN_BACK)
        _migrate()
    except (schema.SchemaMismatch, Refused) as error:
        raise click.ClickException(str(error)) from None
    _leave_nothing_behind()
    _leave_nothing_plain()
    for finding in templates.find():
        if finding.state == FAIL:
            click.echo(f"instance/templates/{finding.words} {finding.advice}", err=True)
    _check_notice()
    if starter and _is_new():
        click.echo("Loading starter content.")
        bring_in_folder(site_folder.STARTER)
    with database.transaction():
        privacy_notice.keep()
        _remember()
    _follow_clocks()
    closed_days.prepare()
    _tell_what_is_lost()


def _be_free(listen: str) -> None:
    """End the command, in words, where a server could not listen."""
    host, _, port = listen.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host.strip("[]"), int(port)), family=family):
            pass
    except (OSError, ValueError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise click.ClickException(
            f"The server cannot listen on {listen}: {reason}. Try another: make run PORT=8001"
        ) from None


def _note(listen: str) -> None:
    """Keep where the server listens."""
    files.write_whole(Path(current_app.instance_path) / config.LISTENED, listen.encode())


def _migrate() -> None:
    if waiting := schema.pending_migrations():
        schema.upgrade()
        click.echo(f"The database is up to date (migrations applied: {len(waiting)}).")


def _leave_nothing_behind() -> None:
    """End the command, in words, where a new PostgreSQL database would stand in for the records of the site."""
    if (file := left_behind.file()) and left_behind.is_needed():
        raise click.ClickException(" ".join(left_behind.words(file)))


def _leave_nothing_plain() -> None:
    """End the command, in words, where patients' words are encrypted and what comes in would not be."""
    if not encryption.keyring().keys and (trouble := sealing.unreadable()):
        raise click.ClickException(
            f"{trouble} What patients write from now on would be stored plain. Put the old "
            f"{encryption.keys().path} back, or its keys into {encryption.VARIABLE}. If they are lost for good, "
            "`flask encrypt on` makes a new one: what was encrypted with them stays unreadable."
        )


def _check_notice() -> None:
    """End the command, in words, where a notice of the clinic's own cannot be shown: each form needs it."""
    try:
        privacy_notice.privacy_notice()
    except Exception as error:
        if not templating.own():
            raise
        raise click.ClickException(
            f"The privacy notice cannot be shown: {str(error).rstrip('.')}. Mend "
            f"instance/templates/{privacy_notice.TEMPLATE}, or take it away to show the program's."
        ) from None


def _remember() -> None:
    """Keep in the database what a restored site, or another server, could not know otherwise."""
    known_key.remember()
    if current_app.config["CLINIC"].mail_server:
        site_marks.keep(site_marks.MAIL_SERVER)


def _follow_clocks() -> None:
    """Bring into the clinic's time zone what is meant by its clocks, and say so where that was another zone.

    Not while another server goes by other clocks: the setting may have been forgotten on either.
    """
    if others := servers.with_another("timezone"):
        where = ", ".join(others)
        click.echo(f"Another time zone or secret key is set on {where}: `flask doctor` tells more.", err=True)
        return
    with database.transaction():
        zone_before = zone_change.follow()
    if zone_before:
        click.echo(
            f"The time zone was {zone_before}. Closures, time off and extra hours keep their hours, by the new "
            "clocks. Appointments stay when they are: `flask doctor` tells which were told by the old ones. Posts "
            "and testimonials that came with a day alone may show the day before: import the same files again."
        )


def _tell_what_is_lost() -> None:
    """Say what the site ran with before and lacks now, as after a restore, or may not read."""
    checks = machine.find_permissions, pictures.find, keys.find, at_rest.find, mails.find_setting
    for finding in (finding for find in checks for finding in find()):
        if finding.state == FAIL:
            click.echo(f"{finding.about}: {finding.words} {finding.advice}", err=True)


def _invite_first_owner() -> None:
    """Say how to get into the staff area, at each start until an owner is there: here only, never by mail."""
    if not members.is_there_an_owner():
        click.echo(
            "This site has no owner yet. Become its first one here (the link works for 7 days):",
            err=True,
        )
        click.echo(f"  {invitations.first_owner_url()}", err=True)


def _is_new() -> bool:
    """Whether the site was never set up, which keeps a notice, and has no content."""
    has_content = any(db.session.scalar(select(model.id).limit(1)) for model in CONTENT)
    return not has_content and not privacy_notice.is_any_kept()
