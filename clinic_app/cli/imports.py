"""`flask import markdown`: a folder of Markdown files, each kind brought in by its own importer."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import with_appcontext

from .. import front_matter, media
from ..importing import Importer
from . import importing

# A kind (the sub-folder's name) to what makes its importer; pictures go through the staging it is given.
# The order is the order in which kinds come in.
KINDS: dict[str, Callable[[media.Staging], Importer]] = {}


@click.command("markdown")
@click.argument("folder", type=click.Path(path_type=Path))
@importing.options
@with_appcontext
def markdown(folder: Path, dry_run: bool, skip_bad: bool) -> None:
    """Bring in a FOLDER of Markdown files with front matter: posts/, testimonials/, practitioners/, services/."""
    bring_in_folder(folder, dry_run=dry_run, skip_bad=skip_bad)


def bring_in_folder(folder: Path, *, dry_run: bool = False, skip_bad: bool = False) -> Counter:
    """Bring the folder in, all of it or nothing, and report; gives the counts by Outcome."""
    staging = media.Staging()
    importers = {kind: make(staging) for kind, make in KINDS.items()}
    by_kind = Importer(
        prepare=lambda row: (row["kind"], importers[row["kind"]].prepare(row)),
        save=lambda item: importers[item[0]].save(item[1]),
    )
    with importing.bad_file_stops():
        rows = front_matter.read_folder(folder, kinds=KINDS)
    return importing.run(rows, by_kind, dry_run=dry_run, skip_bad=skip_bad, staging=staging)
