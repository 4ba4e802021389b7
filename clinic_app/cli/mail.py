"""`flask mail ...`: send, look at and retry what the outbox holds; test the mail settings."""

import signal
import textwrap
from contextlib import contextmanager

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import func, select

from .. import clock, database
from ..accounts import audit
from ..extensions import db
from ..mail import changing, listing, outbox, trying
from ..mail.models import STATES, OutboxMail
from ..mail.worker import Worker
from ..recovery import broken_off
from ..recovery.refusals import Refused
from .words import ROW_NUMBER

mail = AppGroup("mail", help="Send mail, look at it, try it again.")


@mail.command()
@click.option(
    "--once", is_flag=True, help="Send what is due now, then end (with 1 where the server takes nothing)."
)
def work(once: bool) -> None:
    """Send mail as it is queued, until stopped (Ctrl-C or SIGTERM)."""
    try:
        broken_off.refuse()
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from None
    click.echo(current_app.config["CLINIC"].mail_server or "No mail server is set.")
    worker = Worker(current_app._get_current_object())
    with _signals_stop(worker):
        if once:
            click.echo(_summary(worker.run_once()))
        else:
            click.echo("The mail worker runs; Ctrl-C stops it.")
            worker.start()
            while not worker.stopping.is_set():
                worker.thread.join(0.2)  # the handlers run here, where no lock of the worker's is held
            worker.stop()
            click.echo("The mail worker has stopped.")
    if once and worker.troubles:
        raise click.ClickException("Some mail waits; the queue is kept.")


@contextmanager
def _signals_stop(worker: Worker):
    """Ctrl-C and SIGTERM ask the worker to stop, for as long as the block runs."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: worker.ask_to_stop()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@mail.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only these.")
@click.option(
    "--limit", default=50, type=click.IntRange(1, 100_000), show_default=True, help="How many, newest first."
)
def list_(state: str | None, limit: int) -> None:
    """List mails, newest first, with what the server said."""
    query = select(OutboxMail).order_by(OutboxMail.id.desc()).limit(limit)
    for row in db.session.scalars(query.where(OutboxMail.state == state) if state else query):
        _print(row)
    totals = dict(db.session.execute(select(OutboxMail.state, func.count()).group_by(OutboxMail.state)).all())
    click.echo(", ".join(f"{totals.get(name, 0)} {name}" for name in STATES))


@mail.command()
@click.argument("ids", nargs=-1, type=ROW_NUMBER, metavar="[ID]...")
@click.option("--failed", is_flag=True, help="All that failed and were not given up.")
def retry(ids: tuple[int, ...], failed: bool) -> None:
    """Try failed or waiting mails again, now and for two more days. Ends with status 1 where one is left alone."""
    if not ids and not failed:
        raise click.UsageError("Name mails by their numbers (`flask mail list`), or say --failed.")
    with database.transaction():
        if failed:
            ids = (*ids, *db.session.scalars(select(OutboxMail.id).where(listing.LISTS["failed"])))
        done = [_retried(mail_id) for mail_id in dict.fromkeys(ids)]
    click.echo(f"{done.count(True)} queued again.")
    if not all(done):
        click.get_current_context().exit(1)


def _retried(mail_id: int) -> bool:
    try:
        changing.retry(mail_id)
    except changing.NotFailed as error:
        click.echo(f"Left alone: {error}.", err=True)
        return False
    audit.record("tried again", by=None, kind="mail", id=mail_id)
    return True


@mail.command()
@click.argument("address")
def test(address: str) -> None:
    """Send a test mail to ADDRESS at once, past the queue, and say what the server said."""
    try:
        taken = trying.send_test(address, say=click.echo)
    except outbox.BadAddress as error:
        raise click.ClickException(f"{error}.") from None
    except trying.ServerFailed as error:
        has_server = current_app.config["CLINIC"].mail_server  # else it was to become a file
        raise click.ClickException(f"{error}.{' Look at the mail_* settings.' if has_server else ''}") from None
    except trying.NotTaken as error:
        raise click.ClickException(f"The mail server did not take it: {error}") from None
    if server := current_app.config["CLINIC"].mail_server:
        click.echo(f"{server} has taken the mail to {taken}, from {current_app.config['CLINIC'].sender}.")
    else:
        click.echo("No mail server is set (mail_server), so nobody gets it.")


def _print(row: OutboxMail) -> None:
    when = clock.format_when(row.sent_at or row.created_at)
    click.echo(f"{row.id:>6}  {row.state:<7}  {when:<22}  {row.recipient}  {row.title}")
    if row.state == "queued" and row.attempts:
        click.echo(f"        {row.attempts} attempts, next {clock.format_when(row.next_attempt_at)}")
    if row.last_error:
        click.echo(textwrap.indent(row.last_error, " " * 8))


def _summary(counts: dict[str, int]) -> str:
    words = {
        "sent": "sent",
        "deferred": "put off",
        "failed": "refused",
        "released": "left in the queue",
        "withdrawn": "withdrawn",
    }
    return ", ".join(f"{counts[kind]} {word}" for kind, word in words.items() if kind in counts) or "Nothing sent."
