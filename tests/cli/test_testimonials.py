"""`flask testimonials` and the imports, as typed. Files and people are invented."""

import csv
import re

import pytest

from clinic_app import database
from clinic_app.extensions import db
from clinic_app.testimonials import models, moderation
from tests.queries import noted
from tests.reading import trail

from ..testimonials.invented import CLINICAL, SERVICE, received, service, several

HEADER = ["Name", "Slug", "Collection ID", "Item ID", "Created On", "Updated On", "Published On", "Testimonial"]
DAY = "Mon Feb 02 2026 10:30:00 GMT+0000 (Coordinated Universal Time)"


@pytest.fixture
def run(app):
    def command(*words, status=0):
        result = app.test_cli_runner().invoke(args=[str(word) for word in words])
        db.session.rollback()
        assert result.exit_code == status, result.output
        return result.output

    return command


@pytest.fixture
def export(tmp_path):
    def write(*rows, header=HEADER):
        path = tmp_path / "testimonials.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return path

    return write


def row(text, *, item="a1", name="Robin Sample", published=DAY, slug=""):
    return [name, slug or f"sample-{item}", "c0", item, DAY, DAY, published, text]


def stored() -> list:
    return db.session.query(models.Testimonial).order_by(models.Testimonial.id).all()


def states() -> list[str]:
    return [testimonial.state for testimonial in stored()]


def made(*texts) -> list[int]:
    with database.transaction():
        return [received(text).id for text in texts]


def test_listing_shows_what_each_is_held_for(run):
    made(CLINICAL, SERVICE)
    assert "symptom, outcome" in run("testimonials", "list", "--state", "waiting").replace("treatment, ", "")
    assert SERVICE[:30] not in run("testimonials", "list", "--state", "waiting")
    assert SERVICE[:30] in run("testimonials", "list")
    assert "There are no hidden testimonials." in run("testimonials", "list", "--state", "hidden")


def test_showing_one_gives_its_words_reasons_likeness_and_history(run):
    first, second = made(CLINICAL, CLINICAL)
    shown = run("testimonials", "show", second)
    for wanted in (
        CLINICAL,
        "“elbow” (symptom)",
        f"Resembles: Testimonial {first} by Robin Sample",
        "new to waiting",
    ):
        assert wanted in shown


def test_publishing_says_who_and_what_was_waved_through(run):
    [number] = made(CLINICAL)
    said = run("testimonials", "publish", number, "--by", "Kit Example", "--note", "Read aloud")
    assert "elbow" in said
    shown = run("testimonials", "show", number)
    assert "waiting to published, Kit Example. Read aloud" in shown
    assert "was published already" in run("testimonials", "publish", number)


def test_one_unknown_number_changes_nothing(run):
    numbers = made(CLINICAL, SERVICE)
    said = run("testimonials", "publish", *numbers, 999, status=1)
    assert "There is no testimonial 999. Nothing was changed." in said
    assert states() == ["waiting", "published"]
    run("testimonials", "hide", 999, *numbers, status=1)
    assert states() == ["waiting", "published"]
    run("testimonials", "show", 999, status=1)


def test_hiding_and_featuring(run):
    numbers = made(CLINICAL, SERVICE)
    assert "only a published one" in run("testimonials", "feature", numbers[0], status=1)
    run("testimonials", "feature", numbers[1])
    assert "featured" in run("testimonials", "list")
    run("testimonials", "hide", *numbers)
    assert states() == ["hidden", "hidden"]


def test_erasing_tells_what_would_go_and_does_it_when_told_to(run):
    numbers = made(SERVICE, SERVICE)
    erase = ("testimonials", "erase", numbers[0], "--reason", "asked")
    first, second = (f"Testimonial {number} by Robin Sample" for number in numbers)
    assert run(*erase).splitlines() == [
        f"{first} would go for good, with 1 entry of its history.",
        f"{second} says nearly the same, and would stay.",
        "Nothing was erased. Say --really to do it: that cannot be undone.",
    ]
    said = run(*erase, "--really", "--remark", "Robin wrote", status=1)
    assert "Leave “Robin” out of the remark" in said and "Nothing was erased." in said
    assert len(stored()) == 2
    assert run(*erase, "--really", "--remark", "By letter") == f"Erased: testimonial {numbers[0]}.\n"
    assert [testimonial.id for testimonial in stored()] == numbers[1:]
    assert trail() == [("erased", "testimonial", numbers[0])]
    for really in ([], ["--really"]):
        assert f"There is no testimonial {numbers[0]}." in run(*erase, *really, status=1)
    run("testimonials", "erase", numbers[1], status=2)
    assert '"reason": "asked", "remark": "By letter"' in run("people", "erasures")


def test_what_cannot_be_stored_is_not_told_as_done(run, full_disk):
    numbers = made(CLINICAL, SERVICE)
    erase = "erase", numbers[0], "--reason", "asked", "--really"
    commands = ("publish", *numbers), ("hide", *numbers), ("feature", numbers[1]), erase
    with full_disk():
        for words in commands:
            said = run("testimonials", *words, status=1)
            assert said == "Error: The database does not answer. database or disk is full\n"


def test_an_export_comes_in_published_or_held(run, export):
    file = export(row(SERVICE), row(CLINICAL, item="b2"), row(SERVICE + "!", item="c3", name="Kit Example"))
    said = run("import", "webflow-testimonials", file)
    assert "1 created, 0 updated, 0 unchanged, 2 held, 0 rejected." in said
    assert "line 4: held: Kit Example: duplicate" in said
    assert states() == ["published", "waiting", "waiting"]
    assert (stored()[0].slug, stored()[0].source_id) == ("sample-a1", "a1")
    assert stored()[0].published_at.isoformat() == "2026-02-02T10:30:00+00:00"


LOOK = "Look at what waits: flask testimonials list --state waiting\n"


def test_an_import_that_held_some_says_where_to_look(run, export):
    file = export(row(SERVICE), row(CLINICAL, item="b2"), row(CLINICAL, item="c3"))
    assert "Look at" not in run("import", "webflow-testimonials", file, "--dry-run")
    assert run("import", "webflow-testimonials", file).endswith(f"2 held, 0 rejected.\n{LOOK}")
    assert "Look at" not in run("import", "webflow-testimonials", file)


def test_markdown_testimonials_that_are_held_say_where_to_look(run, tmp_path):
    (tmp_path / "testimonials").mkdir()
    matter = "---\nname: Kit Example\npublished: 2026-03-01\n---\n"
    (tmp_path / "testimonials" / "kit.md").write_text(matter + CLINICAL, encoding="utf-8")
    assert run("import", "markdown", tmp_path).endswith(LOOK)


def test_the_words_of_a_cell_are_kept_to_the_last_character(run, export):
    text = '"Oh 😀 ‘the door’\r\n  is  wide" &amp; <3 \n'
    run("import", "webflow-testimonials", export(row(text)))
    assert stored()[0].text == text


def test_rich_text_becomes_plain_paragraphs_and_is_said_so(run, export):
    rich = "<p>The <strong>desk</strong> &amp; the tea.<br>Warm!</p><ul><li>One</li><li>Two</li></ul>"
    said = run("import", "webflow-testimonials", export(row(rich + "<p><script>x()</script>End.</p>")))
    assert "line 2: created: its rich text became plain text" in said
    assert stored()[0].text.split("\n\n") == ["The desk & the tea.\nWarm!", "One\nTwo", "End."]


def test_the_empty_paragraphs_of_webflows_editor_are_no_words(run, export):
    run("import", "webflow-testimonials", export(row(f"<p>\u200d</p><p>{SERVICE}</p><p>\u200d</p><p>Bye</p>")))
    assert stored()[0].text == f"{SERVICE}\n\nBye"
    for nothing in ("<p>\u200d</p>", "\u200b", "<p>&nbsp;</p>"):
        said = run("import", "webflow-testimonials", export(row(nothing)), status=1)
        assert "line 2: rejected: The testimonial has no words." in said


def test_rich_text_that_is_nested_too_deeply_is_a_bad_row(run, export):
    file = export(row("<p>" + "<div>" * 5000 + "x</p>"))
    said = run("import", "webflow-testimonials", file, "--dry-run", status=1)
    assert "line 2: rejected: its HTML is nested too deeply" in said


def test_running_an_import_again_changes_nothing(run, export):
    file = export(row(SERVICE), row(CLINICAL, item="b2"))
    run("import", "webflow-testimonials", file)
    assert "0 created, 0 updated, 2 unchanged, 0 held" in run("import", "webflow-testimonials", file)


def test_a_new_name_or_date_is_taken_and_a_decision_stays(run, export):
    run("import", "webflow-testimonials", export(row(CLINICAL)))
    run("testimonials", "publish", stored()[0].id)
    said = run("import", "webflow-testimonials", export(row(CLINICAL, name="Robin S.")))
    assert "1 updated" in said
    assert [(t.name, t.state) for t in stored()] == [("Robin S.", "published")]


def test_a_name_that_a_person_has_corrected_stays(run, export):
    run("import", "webflow-testimonials", export(row(SERVICE)))
    run("import", "webflow-testimonials", export(row(SERVICE, name="Robin Samples")))
    with database.transaction():
        one = db.session.query(models.Testimonial).one()
        moderation.correct(one, name="R.", published_at=one.published_at, by="Kit Example")
    for _ in range(2):
        said = run("import", "webflow-testimonials", export(row(SERVICE)))
        assert "line 2: unchanged: R.: its name or date was corrected here, and stays as it is" in said
        assert "0 updated, 1 unchanged" in said
    assert stored()[0].name == "R."


def test_changed_words_wait_beside_the_ones_that_are_kept(run, export):
    run("import", "webflow-testimonials", export(row(SERVICE)))
    changed = export(row("The lamp by the window was on, and the rain was loud."))
    assert "1 held" in run("import", "webflow-testimonials", changed)
    assert "1 unchanged" in run("import", "webflow-testimonials", changed)
    assert [t.text == SERVICE for t in stored()] == [True, False]
    assert states() == ["published", "waiting"]
    assert stored()[1].reasons[0]["rule"] == "changed"


def test_what_was_erased_is_left_out_of_imports_and_all_else_comes_in(run, export):
    short = "Great people, thank you"
    run("import", "webflow-testimonials", export(row(SERVICE, name="Robin Sampel"), row(short, item="b2")))
    for testimonial in stored():
        run("testimonials", "erase", testimonial.id, "--reason", "asked", "--really")
    same_words = SERVICE.upper().replace(".", "!")
    file = export(
        row("Other words of the same item.", item="a1"),
        row(same_words, item="c3", name="R."),
        row(short, item="d4"),
        row(short, item="e5", name="Kit Example"),
        row(service(1), item="f6"),
    )
    for _ in range(2):
        said = run("import", "webflow-testimonials", file)
        for line in (2, 3, 4):
            assert re.search(rf"line {line}: left out: it was erased here on .+ \d{{4}}, and stays so\n", said)
        assert ", 3 left out." in said
    assert [testimonial.source_id for testimonial in stored()] == ["e5", "f6"]
    assert "left out" not in run("import", "webflow-testimonials", export(row(service(1), item="f6")))


def test_other_words_of_an_item_that_were_erased_are_left_out_and_the_first_stay(run, export):
    run("import", "webflow-testimonials", export(row(SERVICE)))
    changed = export(row("The lamp by the window was on, and the rain was loud."))
    run("import", "webflow-testimonials", changed)
    run("testimonials", "erase", stored()[1].id, "--reason", "not asked for", "--really")
    assert "1 left out" in run("import", "webflow-testimonials", changed)
    assert "1 unchanged" in run("import", "webflow-testimonials", export(row(SERVICE)))
    assert [testimonial.text for testimonial in stored()] == [SERVICE]


def test_what_was_not_published_in_webflow_waits(run, export):
    run("import", "webflow-testimonials", export(row(SERVICE, published="")))
    assert (states(), stored()[0].reasons[0]["rule"]) == (["waiting"], "unpublished")


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (row("", item="b2"), "the testimonial is empty"),
        (row("x", item="b2", name=""), "Name is empty"),
        (row("x", item="a1"), "has the same Item ID as line 2"),
        (row("x", item="b2", published="soon"), "is not a date"),
    ],
)
def test_a_bad_row_stops_all_unless_it_may_be_left_out(run, export, bad, why):
    file = export(row(SERVICE), bad)
    assert f"line 3: rejected: {why}" in run("import", "webflow-testimonials", file, status=1).replace(
        "Published On 'soon' ", ""
    )
    assert stored() == []
    assert "1 created" in run("import", "webflow-testimonials", file, "--skip-bad")


@pytest.mark.parametrize("column", ["Featured", "Draft", "Archived"])
def test_a_yes_or_no_that_cannot_be_read_is_a_bad_row(run, export, column):
    file = export([*row(SERVICE, published=""), "maybe"], header=[*HEADER, column])
    said = run("import", "webflow-testimonials", file, status=1)
    assert f"line 2: rejected: {column.lower()} 'maybe' should be true or false" in said


def test_a_dry_run_writes_nothing(run, export):
    said = run("import", "webflow-testimonials", export(row(SERVICE), row(CLINICAL, item="b2")), "--dry-run")
    assert "1 created, 0 updated, 0 unchanged, 1 held" in said
    assert stored() == []


def test_columns_with_other_names_are_mapped(run, export):
    file = export(row(SERVICE), header=[*HEADER[:-1], "In their voice"])
    assert "--map" in run("import", "webflow-testimonials", file, status=1)
    assert "1 created" in run("import", "webflow-testimonials", file, "--map", "In their voice=text")


def test_a_file_of_posts_is_pointed_to_the_other_command(run, export):
    posts = export(row("<p>Knees.</p>"), header=[*HEADER[:-1], "Post Body"])
    said = run("import", "webflow-testimonials", posts, status=1)
    assert f"Perhaps it is for another command: flask import webflow-posts {posts}\n" in said
    neither = export(row("x"), header=[*HEADER[:-1], "Colour"])
    assert "Perhaps" not in run("import", "webflow-testimonials", neither, status=1)


def test_markdown_testimonials_come_in_with_their_marks(run, tmp_path):
    folder = tmp_path / "testimonials"
    folder.mkdir()
    matter = "---\nname: Kit Example\npublished: 2026-03-01\nfeatured: true\nsample: true\n---\n\n"
    (folder / "kit-example.md").write_text(matter + f"“{SERVICE}” 😀\n", encoding="utf-8")
    assert "1 created" in run("import", "markdown", tmp_path)
    [testimonial] = stored()
    assert testimonial.text == f"“{SERVICE}” 😀"
    assert (testimonial.slug, testimonial.is_featured, testimonial.is_sample) == ("kit-example", True, True)
    assert testimonial.published_at.isoformat() == "2026-02-28T13:00:00+00:00"
    assert "1 unchanged" in run("import", "markdown", tmp_path)
    (folder / "no-name.md").write_text(matter.replace("Kit Example", "''") + "Words", encoding="utf-8")
    assert "no name" in run("import", "markdown", tmp_path, status=1)


def test_each_of_many_rows_takes_as_few_statements_as_each_of_few(run, export):
    sent = []
    for many in (20, 200):
        rows = [row(service(i) + f" And {i} {service(i * 7)}", item=f"{many}-{i}") for i in range(many)]
        with noted() as statements:
            assert "rejected" in run("import", "webflow-testimonials", export(*rows))
        sent.append(len(statements))
    assert len(stored()) == 220
    assert sent[1] <= 10 * sent[0]


def test_the_listing_copes_with_several(run):
    with database.transaction():
        several(3)
    assert "3 testimonials" in run("testimonials", "list")
