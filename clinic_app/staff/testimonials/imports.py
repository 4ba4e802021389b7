"""Bringing in a Webflow collection of testimonials: chosen, looked through without writing anything, then done.

The file travels in the page from step to step. What `flask import webflow-testimonials` does is done here too.
"""

from contextlib import closing
from dataclasses import dataclass, field

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from ... import database
from ...imports.rows import BadFile, CsvFile, MissingColumns, Outcome, Upload
from ...imports.run import ImportRun
from ...people.erasing import testimonial_erased_at
from ...testimonials import imports
from ...web.fields import clean_line
from ..area import member, record
from ..carried import pack, unpack
from .area import bp
from .forms import ImportForm

LARGEST = 8 * 1024 * 1024  # bytes
MOST_ROWS = 2_000  # written while others who write wait; more are for the command line
# As much again for what the file turns into on its way through a page, where it does not let itself be packed.
LARGEST_FORM = 12 * 1024 * 1024
SPLIT = "split it, and bring in one part after the other"
COLUMN = "column-"  # begins the names of the fields that say which column holds what


@dataclass
class Step:
    """What a form sent: a file, and which of its columns hold fields that go by other names."""

    form: ImportForm
    file: Upload | None = None
    overrides: dict[str, str] = field(default_factory=dict)
    missing: MissingColumns | None = None

    def rows(self) -> CsvFile | None:
        """The rows; None, with the form's errors, where the file cannot be used."""
        if self.file is None:
            return None
        try:
            rows = CsvFile(self.file, imports.COLUMNS, self.overrides, unique="item_id")
            if len(rows) <= MOST_ROWS:
                return rows
            self.form.file.errors = [
                f"The file has {len(rows):,} rows. {MOST_ROWS:,} can come in at once: {SPLIT}"
            ]
        except MissingColumns as error:
            self.missing = error
        except BadFile as error:
            self.form.file.errors = [str(error)]
        return None


@bp.get("/import")
def choose():
    return _page(Step(ImportForm(formdata=None)))


@bp.post("/import/check")
def check():
    """A dry run: say what would become of the rows."""
    step = _sent()
    rows = step.rows()
    if rows is None:
        return _page(step)
    run = _read(rows)
    with database.transaction():
        run.write(keep=False, skip_bad=True)
        record("checked a file of testimonials", **_told(run))
    return _checked(step, run)


@bp.post("/import")
def bring_in():
    step = _sent()
    rows = step.rows()
    if rows is None:
        return _page(step)
    run = _read(rows)
    with database.transaction():
        stays = run.write(keep=True, skip_bad=step.form.skip_bad.data)
        if stays:
            record("imported testimonials", **_told(run))
    if not stays:
        step.form.skip_bad.errors = [
            "Tick this to leave the bad rows out, or correct the file and choose it again"
        ]
        return _checked(step, run)
    flash(_summary(run))
    return redirect(url_for(".index"), 303)


def _read(rows: CsvFile) -> ImportRun:
    run = ImportRun(imports.webflow(by=member().name, erased_at=testimonial_erased_at))
    run.read(rows)
    return run


def _sent() -> Step:
    request.max_content_length = request.max_form_memory_size = LARGEST_FORM
    try:
        form = ImportForm()
    except RequestEntityTooLarge:
        form = ImportForm(formdata=None)
        form.file.errors = [_too_large()]
        return Step(form)
    if form.carried.data:
        content = unpack(form.carried.data, at_most=LARGEST)
        if content is None:
            abort(400)
        return Step(form, Upload(form.file_name.data or "file", content), _overrides())
    return Step(form, _chosen(form), _overrides())


def _chosen(form: ImportForm) -> Upload | None:
    if not (sent := request.files.get(form.file.name)):
        form.file.errors = ["Choose a file"]
        return None
    with closing(sent):
        content = sent.read(LARGEST + 1)
    if len(content) > LARGEST:
        form.file.errors = [_too_large()]
        return None
    return Upload(clean_line(sent.filename)[:200], content)


def _too_large() -> str:
    return f"The file is larger than {LARGEST // 1024 // 1024} MB: {SPLIT}"


def _overrides() -> dict[str, str]:
    """Columns' names to fields, where someone said which column holds what."""
    said = {key.removeprefix(COLUMN): name for key, name in request.form.items() if key.startswith(COLUMN)}
    return {name: to for to, name in said.items() if name and to in imports.COLUMNS}


def _told(run: ImportRun) -> dict[str, int]:
    return {outcome.value: count for outcome, count in run.counts.items() if count}


def _summary(run: ImportRun) -> str:
    held, published = run.counts[Outcome.HELD], run.counts[Outcome.CREATED]
    parts = (
        (published, "published"),
        (held, "waiting for your decision"),
        (run.counts[Outcome.UPDATED], "updated"),
        (run.counts[Outcome.UNCHANGED], "here already"),
        (run.bad, "left out"),
        (run.counts[Outcome.LEFT_OUT], "erased here before and left out"),
    )
    return f"Brought in: {', '.join(f'{count} {what}' for count, what in parts if count) or 'nothing'}."


def _page(step: Step):
    return render_template("staff/testimonials/import.html", **_shown(step, carry=step.missing is not None))


def _checked(step: Step, run: ImportRun):
    return render_template(
        "staff/testimonials/import_checked.html", run=run, Outcome=Outcome, **_shown(step, carry=True)
    )


def _shown(step: Step, *, carry: bool) -> dict:
    step.form.carried.data = pack(step.file.content) if carry else ""
    step.form.file_name.data = step.file.name if carry else ""
    return {"form": step.form, "step": step, "columns": imports.COLUMNS, "prefix": COLUMN}
