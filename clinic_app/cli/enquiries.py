"""`flask enquiries`: read enquiries, and say what is spam and what is not."""

import textwrap

import click
from flask.cli import AppGroup

from .. import clock, database
from ..accounts import audit
from ..enquiries import inbox, references, states
from ..enquiries.models import STATES, Enquiry
from .words import none_found

enquiries = AppGroup("enquiries", help="Read enquiries; say what is spam and what is not.")
reference_argument = click.argument("reference")
WORDS_SHOWN = 60


@enquiries.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option(
    "--limit", default=50, type=click.IntRange(1, 100_000), show_default=True, help="How many, newest first."
)
def list_(state: str | None, limit: int) -> None:
    """List enquiries, newest first."""
    found = inbox.latest(state=state, limit=limit)
    if not found:
        click.echo(none_found("enquiries", state))
    for enquiry in found:
        opening = textwrap.shorten(enquiry.message, WORDS_SHOWN, placeholder=" ...")
        when = clock.format_when(enquiry.received_at)
        click.echo(
            f"{references.shown(enquiry.reference)}  {enquiry.state:<6}  {when:<22}  {enquiry.name}: {opening}"
        )


@enquiries.command()
@reference_argument
def show(reference: str) -> None:
    """Show one enquiry whole."""
    enquiry = _found(reference)
    known = {
        "Reference": references.shown(enquiry.reference),
        "State": enquiry.state,
        "Received": clock.format_when(enquiry.received_at),
        "Name": enquiry.name,
        "Email": enquiry.email,
        "Phone": enquiry.phone,
        "About": enquiry.topic,
        "Privacy notice": f"version {enquiry.privacy_version}",
        "Speaks for spam": "; ".join(enquiry.spam_reasons),
    }
    for label, value in known.items():
        if value:
            click.echo(f"{label}: {value}")
    click.echo(f"\n{enquiry.message}")


@enquiries.command()
@reference_argument
def spam(reference: str) -> None:
    """Put an enquiry aside as spam."""
    with database.transaction():
        enquiry = _somebodys(reference)
        if states.mark_spam(enquiry):
            audit.record("marked as spam", by=None, kind="enquiry", id=enquiry.id)
    click.echo("Put aside as spam.")


@enquiries.command("not-spam")
@reference_argument
def not_spam(reference: str) -> None:
    """Take an enquiry back from spam as it was; mails that were held are queued."""
    with database.transaction():
        enquiry = _somebodys(reference)
        has_held = states.holds_mails(enquiry)
        if not states.mark_not_spam(enquiry):
            raise click.ClickException("That enquiry is not held as spam. Nothing was changed.")
        audit.record("marked as not spam", by=None, kind="enquiry", id=enquiry.id)
    click.echo("Taken back; its mails are queued." if has_held else "Taken back as it was.")


def _found(reference: str) -> Enquiry:
    if enquiry := inbox.find(reference):
        return enquiry
    raise click.ClickException(f"There is no enquiry {reference!r}. `flask enquiries list` shows them.")


def _somebodys(reference: str) -> Enquiry:
    enquiry = _found(reference)
    if enquiry.is_anonymous:
        raise click.ClickException("That enquiry was made anonymous. Nothing was changed.")
    return enquiry
