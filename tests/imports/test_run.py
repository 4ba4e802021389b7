"""Imports that are begun at the same moment."""

from collections.abc import Iterable

import pytest

from clinic_app import database
from clinic_app.blog import webflow, writing
from clinic_app.blog.content import compose
from clinic_app.blog.models import Post
from clinic_app.blog.revisions import Writer, content_of
from clinic_app.extensions import db
from clinic_app.imports.rows import CsvFile, Importer, Outcome, Row
from clinic_app.imports.run import ImportRun
from clinic_app.pictures.media import Staging
from clinic_app.testimonials import imports

from ..locks import ON_POSTGRESQL, begin
from ..server import DEADLINE_SECONDS

DATE = "Mon Mar 02 2026 09:30:15 GMT+0000"


def of_posts() -> Importer:
    return webflow.importer(webflow.Pictures(Staging()), default_author="Kit Example")


def of_testimonials() -> Importer:
    return imports.webflow(by="Kit Example", erased_at=lambda marks: None)


def brought(importer: Importer, rows: Iterable[Row]) -> dict[Outcome, int]:
    run = ImportRun(importer)
    run.read(rows)
    with database.transaction():
        run.write(keep=True, skip_bad=False)
    return dict(+run.counts)


@ON_POSTGRESQL
@pytest.mark.parametrize(
    ("importer", "columns", "words"),
    [(of_posts, webflow.COLUMNS, "Post Body"), (of_testimonials, imports.COLUMNS, "Testimonial")],
)
def test_who_brings_in_what_somebody_else_brings_in_finds_it_there(app, tmp_path, importer, columns, words):
    file, outcomes = tmp_path / "items.csv", []
    file.write_text(f"Name,Slug,Item ID,Published On,{words}\nRobin,robin,item1,{DATE},Kind people.\n")

    def bring() -> None:
        outcomes.append(brought(importer(), CsvFile(file, columns, unique="item_id")))

    first = ImportRun(importer())
    first.read(CsvFile(file, columns, unique="item_id"))
    with database.transaction():
        first.write(keep=True, skip_bad=False)
        other = begin(app, bring)
    other.join(DEADLINE_SECONDS)
    assert outcomes == [{Outcome.UNCHANGED: 1}]


def post_of(body: str) -> Row:
    return Row("line 2", {"title": "Knees", "slug": "knees", "item_id": "1", "body": body, "published": DATE})


@ON_POSTGRESQL
def test_a_post_that_somebody_saves_at_that_moment_stays_as_they_saved_it(app):
    def bring() -> None:
        outcomes.append(brought(of_posts(), [post_of("The export's newer words.")]))

    outcomes = [brought(of_posts(), [post_of("The export's words.")])]
    post = db.session.scalar(db.select(Post))
    mine = compose(content_of(post)._replace(body="Words of staff."))
    with database.transaction():
        writing.save(mine, post=writing.find(post.id), began_with=1, by=Writer("Kit Example"))
        other = begin(app, bring)
    other.join(DEADLINE_SECONDS)
    assert outcomes == [{Outcome.CREATED: 1}, {Outcome.HELD: 1}]
    db.session.expire_all()
    assert db.session.scalar(db.select(Post)).body_markdown == "Words of staff."


@ON_POSTGRESQL
def test_who_edits_a_post_does_not_wait_for_an_import_that_leaves_it_as_it_is(app):
    assert brought(of_posts(), [post_of("The export's words.")]) == {Outcome.CREATED: 1}
    number = db.session.scalar(db.select(Post.id))

    def edit() -> None:
        post = writing.find(number)
        mine = compose(content_of(post)._replace(body="Words of staff."))
        with database.transaction():
            writing.save(mine, post=writing.find(number), began_with=1, by=Writer("Kit Example"))

    run = ImportRun(of_posts())
    run.read([post_of("The export's words.")])
    with database.transaction():
        run.write(keep=True, skip_bad=False)
        other = begin(app, edit)
        waits = other.is_alive()
    other.join(DEADLINE_SECONDS)
    assert (dict(+run.counts), waits) == ({Outcome.UNCHANGED: 1}, False)
