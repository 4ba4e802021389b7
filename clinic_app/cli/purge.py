"""`flask purge`: what has been kept for long enough, told or removed."""

import csv
import sys

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from .. import clock, database
from ..csv_files import harmless
from ..lists import chunks
from ..retention import purging
from ..retention.models import Disposal


@click.command()
@click.option("--really", is_flag=True, help="Remove it, instead of only telling.")
@click.option("--count", is_flag=True, help="Tell of everything, where that takes longer.")
@click.option("--register", is_flag=True, help="Print whose appointments were removed before, as CSV.")
@with_appcontext
def purge(really: bool, count: bool, register: bool) -> None:
    """Tell what has been kept for as long as the settings say, or remove it with --really."""
    if really + count + register > 1:
        raise click.UsageError("Say one of --count, --really and --register.")
    if register:
        _print_register()
    elif really:
        _remove()
    else:
        _tell(whole=count)


def _tell(*, whole: bool) -> None:
    found = purging.due(whole=whole)
    for due in found:
        since = f", the oldest from {clock.format_day(due.oldest)}" if due.count else ""
        click.echo(f"{due.name:<14}{due.count:>9,}{'' if due.is_all else '+'}{since}")
    if not all(due.is_all for due in found):
        looked = f"Behind the oldest {purging.LOOKED_AT} of a kind there may be more (+)."
        click.echo(f"{looked} `flask purge --count` looks through all.")
    daily = current_app.config["CLINIC"].purge == "daily"
    click.echo(
        "Nothing was removed. "
        + ("The site purges once a day by itself." if daily else "`flask purge --really` removes it.")
    )


def _remove() -> None:
    counts = None
    while counts is None:
        with database.transaction():
            counts = purging.step(by=None, wait=True)
    told = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    click.echo(f"Removed: {told}." if told else "There was nothing to remove.")


def _print_register() -> None:
    columns = (Disposal.id, Disposal.name, Disposal.first_at, Disposal.last_at, Disposal.disposed_at)
    writer = csv.writer(sys.stdout)
    writer.writerow(("name", "first appointment", "last appointment", "removed on"))
    for row in chunks.rows(select(*columns), by=(Disposal.id,)):
        days = (clock.local(at).date().isoformat() for at in (row.first_at, row.last_at, row.disposed_at))
        writer.writerow((harmless(row.name), *days))
