"""Runs an import: all of it or nothing, with a progress bar, and says what became of the rows.

A command is its options (`@options`, and `@column_map` for CSV), the rows, and `run(rows, importer, ...)`.
"""

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from .. import database
from ..imports.rows import BadFile, Column, CsvFile, Importer, MissingColumns, Row
from ..imports.run import ImportRun
from ..pictures import media

BAR_FROM = 200  # rows; fewer are done before a bar could be read


def options(command):
    """Add `--dry-run` and `--skip-bad`."""
    command = click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")(command)
    return click.option("--skip-bad", is_flag=True, help="Leave out bad rows instead of writing nothing.")(command)


def column_map(command):
    """Add `--map "Column=field"`, given as a dict `overrides`."""
    return click.option(
        "--map",
        "overrides",
        multiple=True,
        metavar="COLUMN=FIELD",
        callback=_overrides,
        help="Take a field from a column that goes by another name; may be given more than once.",
    )(command)


def _overrides(_context, _parameter, texts) -> dict[str, str]:
    pairs = [text.rpartition("=") for text in texts]
    if wrong := next((text for text, (name, _, to) in zip(texts, pairs, strict=True) if not (name and to)), None):
        raise click.BadParameter(f'{wrong!r} should be "Column=field".')
    return {name.strip(): to.strip() for name, _, to in pairs}


@contextmanager
def bad_file_stops():
    """A BadFile ends the command with its text."""
    try:
        yield
    except BadFile as error:
        raise click.ClickException(str(error)) from None


def webflow_file(file: Path, kind: str, kinds: Mapping[str, Mapping[str, Column]], overrides: dict) -> CsvFile:
    """A collection of `kind`, one of `kinds` (a command's name to its columns).

    Raises BadFile; of a file that lacks columns it says which other command could take it.
    """
    try:
        return CsvFile(file, kinds[kind], overrides, unique="item_id")
    except MissingColumns as error:
        maps = "; ".join(f'--map "Column={name}"' for name in error.fields)
        others = [name for name in kinds if name != kind and _fits(file, kinds[name])]
        hints = [f"Perhaps it is for another command: flask import {name} {file}" for name in others]
        raise BadFile("\n".join([f"{error} If one goes by another name: {maps}", *hints])) from None


def _fits(file: Path, columns: Mapping[str, Column]) -> bool:
    try:
        CsvFile(file, columns)
    except BadFile:
        return False
    return True


def run(
    rows: Collection[Row],
    importer: Importer,
    *,
    dry_run: bool,
    skip_bad: bool,
    staging: media.Staging | None = None,
) -> Counter:
    """Bring the rows in, in one transaction, and report; gives the counts by Outcome.

    Any bad row (named with its place and reason) means that nothing is written and the command ends with status 1,
    unless `skip_bad`.
    """
    bringing = ImportRun(importer, staging)
    bringing.read(_with_bar(rows, "Reading", len(rows)))
    with database.transaction():
        bringing.write(
            keep=not dry_run,
            skip_bad=skip_bad,
            progress=lambda prepared: _with_bar(prepared, "Writing", len(prepared)),
        )
    stopped = bool(bringing.bad) and not skip_bad
    _report(bringing, dry_run=dry_run, stopped=stopped)
    if stopped:
        raise click.exceptions.Exit(1)
    return bringing.counts


def _with_bar(items: Iterable, label: str, length: int):
    if length < BAR_FROM or not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, label=label, length=length, file=sys.stderr) as bar:
        yield from bar


def _report(bringing: ImportRun, *, dry_run: bool, stopped: bool) -> None:
    for note in bringing.notes:
        click.echo(note)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in bringing.counts.items())
    click.echo(f"Would have been: {counts}." if stopped or dry_run else f"{counts}.")
    if stopped:
        click.echo("Nothing was written: mend the rows above, or leave them out with --skip-bad.", err=True)
    elif dry_run:
        click.echo("Dry run: nothing was written.")
    else:
        for step in bringing.next_steps:
            click.echo(step)
