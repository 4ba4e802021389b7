"""Runs an import: all of it or nothing, with a progress bar, and says what became of the rows.

A command is its options (`@options`, and `@column_map` for CSV), the rows, and `run(rows, importer, ...)`.
"""

import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from .. import database, media
from ..extensions import db
from ..importing import BadFile, BadRow, Column, CsvFile, Importer, MissingColumns, Outcome, Result, Row

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


class bad_file_stops:  # noqa: N801 - used as a statement
    """`with bad_file_stops(): ...` ends the command with a BadFile's text."""

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        if isinstance(error, BadFile):
            raise click.ClickException(str(error)) from None


def webflow_file(file: Path, kind: str, kinds: Mapping[str, Mapping[str, Column]], overrides: dict) -> CsvFile:
    """A collection of `kind`, one of `kinds` (a command's name to its columns).

    Raises BadFile; of a file that lacks columns it says which other command could take it.
    """
    try:
        return CsvFile(file, kinds[kind], overrides, unique="item_id")
    except MissingColumns as error:
        others = [name for name in kinds if name != kind and _fits(file, kinds[name])]
        hints = [f"Perhaps it is for another command: flask --app wsgi import {name} {file}" for name in others]
        raise BadFile("\n".join([str(error), *hints])) from None


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

    Everything that needs no database is done first, so that the write lock is held for the writing only.
    Pictures in `staging` are written just before the commit. Any bad row (named with its place and reason) means
    that nothing is written and the command ends with status 1, unless `skip_bad`.
    """
    report = _Report()
    prepared = [
        p for row in _with_bar(rows, "Reading", len(rows)) if (p := _prepare(row, importer, report)) is not None
    ]
    with database.transaction():
        for where, item in _with_bar(prepared, "Writing", len(prepared)):
            report.add(where, _save(item, importer))
        stopped = bool(report.counts[Outcome.REJECTED]) and not skip_bad
        if stopped or dry_run:
            db.session.rollback()
        elif staging:
            staging.write()
    report.show(dry_run=dry_run, stopped=stopped)
    if stopped:
        raise click.exceptions.Exit(1)
    return report.counts


def _prepare(row: Row, importer: Importer, report: "_Report") -> tuple[str, Any] | None:
    try:
        if row.fault:
            raise BadRow(row.fault)
        return row.where, importer.prepare(row)
    except (BadRow, media.NotAPicture) as error:
        report.add(row.where, Result(Outcome.REJECTED, str(error)))
        return None


def _save(item: Any, importer: Importer) -> Result:
    try:
        with db.session.begin_nested():  # what a refused row did is undone, the others' stays
            return importer.save(item)
    except (BadRow, media.NotAPicture) as error:
        return Result(Outcome.REJECTED, str(error))


def _with_bar(items: Iterable, label: str, length: int):
    if length < BAR_FROM or not sys.stderr.isatty():
        yield from items
        return
    with click.progressbar(items, label=label, length=length, file=sys.stderr) as bar:
        yield from bar


class _Report:
    """Counts outcomes; keeps what a person has to look at."""

    def __init__(self) -> None:
        self.counts = Counter(dict.fromkeys(Outcome, 0))
        self.notes: list[str] = []
        self.next_steps: dict[str, None] = {}  # a set that keeps its order

    def add(self, where: str, result: Result) -> None:
        self.counts[result.outcome] += 1
        if result.note:
            self.notes.append(f"{where}: {result.outcome}: {result.note}")
        if result.next_step:
            self.next_steps[result.next_step] = None

    def show(self, *, dry_run: bool, stopped: bool) -> None:
        for note in self.notes:
            click.echo(note)
        click.echo(", ".join(f"{count} {outcome}" for outcome, count in self.counts.items()) + ".")
        if stopped:
            click.echo("Nothing was written: mend the rows above, or leave them out with --skip-bad.", err=True)
        elif dry_run:
            click.echo("Dry run: nothing was written.")
        else:
            for step in self.next_steps:
                click.echo(step)
