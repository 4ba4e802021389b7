"""`flask import`: content from Markdown files, and from collections as Webflow exports them."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from ..blog import markdown_files, webflow
from ..booking import markdown_files as profile_files
from ..imports import front_matter
from ..imports.rows import Importer
from ..people import erasing
from ..pictures import media
from ..testimonials import imports as testimonials
from . import importing
from .testimonials import login

# A kind (the sub-folder's name) to what makes its importer; pictures go through the staging it is given.
# The order is the order in which kinds come in.
KINDS: dict[str, Callable[[media.Staging], Importer]] = {
    "services": profile_files.services,
    "practitioners": profile_files.practitioners,  # they may name services
    "posts": markdown_files.importer,
    "testimonials": lambda _staging: testimonials.markdown(by=login(), erased_at=erasing.testimonial_erased_at),
}
# Webflow's, by the command that brings each in.
COLLECTIONS = {"webflow-posts": webflow.COLUMNS, "webflow-testimonials": testimonials.COLUMNS}


@click.command("markdown")
@click.argument("folder", type=click.Path(path_type=Path))
@importing.options
@with_appcontext
def markdown(folder: Path, dry_run: bool, skip_bad: bool) -> None:
    """Bring in a FOLDER of Markdown files with front matter: posts/, testimonials/, practitioners/, services/.

    Files directly in the folder are posts, unless the folder has one of these names or they give their `kind`.
    """
    bring_in_folder(folder, dry_run=dry_run, skip_bad=skip_bad)


def bring_in_folder(folder: Path, *, dry_run: bool = False, skip_bad: bool = False) -> Counter:
    """Bring the folder in, all of it or nothing, and report; gives the counts by Outcome."""
    staging = media.Staging()
    importers = {kind: make(staging) for kind, make in KINDS.items()}
    unused = {kind: {} for kind in KINDS}  # dicts, as sets that keep their order

    def prepare(row: front_matter.MarkdownRow) -> tuple[str, Any]:
        prepared = importers[row["kind"]].prepare(row)
        unused[row["kind"]] |= dict.fromkeys(row.unused())
        return row["kind"], prepared

    by_kind = Importer(prepare=prepare, save=lambda item: importers[item[0]].save(item[1]))
    with importing.bad_file_stops():
        rows = front_matter.read_folder(folder, kinds=KINDS, usual="posts")
    counts = importing.run(rows, by_kind, dry_run=dry_run, skip_bad=skip_bad, staging=staging)
    for kind, names in unused.items():
        if names:
            click.echo(f"Not used of {kind}: {', '.join(names)}.")
    return counts


@click.command("webflow-posts")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--media",
    "pictures",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder with the pictures, saved under the names that their addresses end in.",
)
@importing.column_map
@importing.options
@with_appcontext
def webflow_posts(file: Path, pictures: Path | None, overrides: dict, dry_run: bool, skip_bad: bool) -> None:
    """Bring in the posts of FILE, a collection as Webflow exports it (CSV)."""
    staging = media.Staging()
    author = current_app.config["CLINIC"].name
    importer = webflow.importer(webflow.Pictures(staging, pictures), default_author=author)
    with importing.bad_file_stops():
        rows = importing.webflow_file(file, "webflow-posts", COLLECTIONS, overrides)
    if unused := [name for name in rows.unused if name not in webflow.NOT_NEEDED]:
        click.echo(f"Columns not used: {', '.join(unused)}.")
    importing.run(rows, importer, dry_run=dry_run, skip_bad=skip_bad, staging=staging)


@click.command("webflow-testimonials")
@click.argument("file", type=click.Path(path_type=Path))
@importing.options
@importing.column_map
@with_appcontext
def webflow_testimonials(file: Path, dry_run: bool, skip_bad: bool, overrides: dict[str, str]) -> None:
    """Bring in the testimonials of FILE, a collection as Webflow exports it (CSV)."""
    with importing.bad_file_stops():
        rows = importing.webflow_file(file, "webflow-testimonials", COLLECTIONS, overrides)
    importer = testimonials.webflow(by=login(), erased_at=erasing.testimonial_erased_at)
    importing.run(rows, importer, dry_run=dry_run, skip_bad=skip_bad)
