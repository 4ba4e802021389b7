"""`flask people`: what was erased, kept beside a backup, and erased again once the backup is restored."""

from collections import Counter
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from .. import database
from ..accounts import audit
from ..people import beside_backups, restoring

people = AppGroup("people", help="What was erased of people, for when a backup is restored.")


@people.command()
def erasures() -> None:
    """Print every erasure, a line each, without anybody's details. Keep it beside your backups.

    In the setting backup_folder the site keeps it by itself, as clinic-erasures.jsonl.
    """
    line = None
    for line in restoring.lines():
        click.echo(line)
    if line is None:
        click.echo("Nobody was erased.", err=True)  # not among what is kept


@people.command("erase-again")
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"), required=False)
@click.option("--dry-run", is_flag=True, help="Only say how many it would be.")
def erase_again(file, dry_run: bool) -> None:
    """Erase again what a restored backup has brought back.

    FILE is clinic-erasures.jsonl from beside the backups, or what `people erasures` printed before, "-" for
    standard input; without it, the one in the setting backup_folder is read. `restore` does the same by itself
    where clinic-erasures.jsonl lies beside the backup.
    """
    counts = Counter()
    with database.transaction() as session:
        taken = _taken(file or _noted())
        back = restoring.back()
        if dry_run:
            session.rollback()
        else:
            for again in back:
                counts.update(restoring.erase_again(again))
            audit.record("erased again", by=None, **counts)
    click.echo(f"Erasures that this database did not know: {taken}.")
    click.echo(f"Addresses, numbers and testimonials that were back: {len(back)}.")
    click.echo("Nothing was changed." if dry_run else f"Erased again: {_in_words(counts) or 'nothing'}.")


def _noted() -> list[str]:
    """What the site has noted beside its automatic backups. Ends the command where neither that nor the database
    knows whether anybody was erased."""
    folder = current_app.config["CLINIC"].backup_folder
    if folder and beside_backups.is_in(Path(folder)):
        return beside_backups.noted_in(Path(folder))
    if not any(restoring.lines()):
        place = f"in {folder}" if folder else "known (backup_folder is not set)"
        raise click.ClickException(
            f"Nothing was read: no {beside_backups.NAME} is {place}, and this database knows of no erasure. Name "
            "the FILE: it lies where the automatic backups are."
        )
    return []


def _taken(lines) -> int:
    try:
        return restoring.take(lines)
    except restoring.NotAnErasure as error:
        raise click.ClickException(
            f"This line is none that `flask people erasures` printed: {str(error)[:60]!r}. Nothing was changed."
        ) from error


def _in_words(counts: Counter) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
