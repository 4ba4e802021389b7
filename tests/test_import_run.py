"""Imports that are begun at the same moment."""

import pytest

from clinic_app import database
from clinic_app.blog import webflow
from clinic_app.import_run import ImportRun
from clinic_app.importing import CsvFile, Importer, Outcome
from clinic_app.media import Staging
from clinic_app.testimonials import imports

from .booking.test_locks import ON_POSTGRESQL, begin
from .server import DEADLINE_SECONDS

DATE = "Mon Mar 02 2026 09:30:15 GMT+0000"


def of_posts() -> Importer:
    return webflow.importer(webflow.Pictures(Staging()), default_author="Kit Example")


def of_testimonials() -> Importer:
    return imports.webflow(by="Kit Example")


@ON_POSTGRESQL
@pytest.mark.parametrize(
    ("importer", "columns", "words"),
    [(of_posts, webflow.COLUMNS, "Post Body"), (of_testimonials, imports.COLUMNS, "Testimonial")],
)
def test_who_brings_in_what_somebody_else_brings_in_finds_it_there(app, tmp_path, importer, columns, words):
    file, outcomes = tmp_path / "items.csv", []
    file.write_text(f"Name,Slug,Item ID,Published On,{words}\nRobin,robin,item1,{DATE},Kind people.\n")

    def bring() -> None:
        run = ImportRun(importer())
        run.read(CsvFile(file, columns, unique="item_id"))
        with database.transaction():
            run.write(keep=True, skip_bad=False)
        outcomes.append(dict(+run.counts))

    first = ImportRun(importer())
    first.read(CsvFile(file, columns, unique="item_id"))
    with database.transaction():
        first.write(keep=True, skip_bad=False)
        other = begin(app, bring)
    other.join(DEADLINE_SECONDS)
    assert outcomes == [{Outcome.UNCHANGED: 1}]
