"""A file of testimonials comes in through the pages. Files and people are invented."""

import csv
import io
import os
from types import SimpleNamespace

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from clinic_app import database
from clinic_app.accounts.models import AuditEntry
from clinic_app.extensions import db
from clinic_app.people import erasing, finding
from clinic_app.staff import carried
from clinic_app.testimonials import models
from tests.reading import parsed

from ..testimonials.invented import CLINICAL, SERVICE

IMPORT = "/staff/testimonials/import"
HEADER = ["Name", "Slug", "Item ID", "Published On", "Testimonial"]
DAY = "Mon Feb 02 2026 10:30:00 GMT+0000 (Coordinated Universal Time)"
GOOD = ["Robin Sample", "robin-sample", "a1", DAY, SERVICE]
HELD = ["Kit Example", "kit-example", "b2", DAY, CLINICAL]
BAD = ["", "nobody", "c3", DAY, "Nobody said this."]


@pytest.fixture
def editor(staff):
    return staff("editor")


def table(*rows, header=HEADER) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def check(client, content: bytes, name="voices.csv"):
    """Choose a file and press the button; gives the answer, its parsed page, and the fields of the next form."""
    return looked_at(client.post(f"{IMPORT}/check", data={"file": (io.BytesIO(content), name)}))


def looked_at(answer):
    page = parsed(answer.text)
    form = page.select_one(f"form[action='{IMPORT}']") or page.select_one("main form")
    fields = {i["name"]: i.get("value", "") for i in form.select("input[type=hidden]")} if form else {}
    return SimpleNamespace(status=answer.status_code, text=answer.text, page=page, fields=fields)


def stored():
    db.session.rollback()
    return db.session.query(models.Testimonial).order_by(models.Testimonial.id).all()


def facts(page):
    return {row.dt.text: row.dd.text for row in page.select(".facts > div")}


def test_a_file_is_looked_through_first_and_then_brought_in(editor):
    looked = check(editor, table(GOOD, HELD))
    assert facts(looked.page) == {"Published": "1", "To decide on": "1", "Bad rows": "0"}
    assert stored() == []
    done = editor.post(IMPORT, data=looked.fields)
    assert (done.status_code, done.location) == (303, "/staff/testimonials")
    assert "Brought in: 1 published, 1 waiting for your decision." in editor.get(done.location).text
    assert [(t.name, t.state, t.text) for t in stored()] == [
        ("Robin Sample", "published", SERVICE),
        ("Kit Example", "waiting", CLINICAL),
    ]
    assert stored()[0].decisions[0].decided_by.startswith("Casey Invented")
    entries = db.session.query(AuditEntry).order_by(AuditEntry.id).all()
    assert [(e.action, e.details) for e in entries] == [
        ("checked a file of testimonials", {"created": 1, "held": 1}),
        ("imported testimonials", {"created": 1, "held": 1}),
    ]


def test_the_same_file_again_changes_nothing(editor):
    editor.post(IMPORT, data=check(editor, table(GOOD)).fields)
    again = check(editor, table(GOOD))
    assert facts(again.page)["Here already"] == "1"
    assert "1 here already" in editor.get(editor.post(IMPORT, data=again.fields).location).text
    assert len(stored()) == 1


def test_words_stay_as_they_are_on_their_way_through_the_pages(editor):
    text = '"One"\r\n two\n\n  three \t😀 &amp; '
    editor.post(IMPORT, data=check(editor, table([*GOOD[:4], text])).fields)
    assert stored()[0].text == text


def test_a_bad_row_stops_all_unless_bad_rows_are_left_out(editor):
    looked = check(editor, table(GOOD, BAD))
    assert "Line 3" in looked.text and "Name is empty" in looked.text
    stopped = looked_at(editor.post(IMPORT, data=looked.fields))
    assert stopped.status == 200 and "<title>Error: " in stopped.text
    assert "Tick this to leave the bad rows out" in stopped.text
    assert stored() == []
    done = editor.post(IMPORT, data=stopped.fields | {"skip_bad": "y"})
    assert "1 published, 1 left out" in editor.get(done.location).text
    assert len(stored()) == 1


def test_what_was_erased_is_told_and_left_out(editor):
    editor.post(IMPORT, data=check(editor, table(GOOD)).fields)
    seen = finding.of_records(testimonials=[stored()[0].id]).fingerprint
    with database.transaction():
        erasing.erase_testimonial(stored()[0].id, erasing.Decision(kind="erased", reason="asked", seen=seen))
    looked = check(editor, table(GOOD))
    assert "nothing in it that could be brought in" in looked.text and "Correct the file" not in looked.text
    looked = check(editor, table(GOOD, HELD))
    assert facts(looked.page) == {"Published": "0", "To decide on": "1", "Erased here": "1", "Bad rows": "0"}
    assert "it was erased here on" in looked.page.find(id="erased").parent.text
    assert "Bring in 1 testimonial<" in looked.text
    done = editor.post(IMPORT, data=looked.fields)
    assert "1 waiting for your decision, 1 erased here before and left out." in editor.get(done.location).text
    assert [testimonial.name for testimonial in stored()] == ["Kit Example"]


def test_a_file_of_bad_rows_only_cannot_be_brought_in(editor):
    looked = check(editor, table(BAD))
    assert "nothing in it that could be brought in" in looked.text
    assert "Bring in" not in looked.text


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"", "voices.csv is empty"),
        (b"Name,Testimonial\nA,\xff\n", "is not UTF-8 text"),
        (b'Name,"Testimonial\n', "is not a CSV file"),
        (b"\x89PNG\r\n\x1a\n", "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(editor, content, wrong):
    looked = check(editor, content)
    assert looked.status == 200 and wrong in looked.text and "<title>Error: " in looked.text
    assert stored() == []


def test_no_file_is_asked_for(editor):
    assert "Choose a file" in editor.post(f"{IMPORT}/check", data={}).text
    assert "Choose a file" in check(editor, b"", name="").text
    assert "Choose a file" in editor.post(IMPORT, data={}).text


def test_a_file_that_is_too_large_is_refused_by_name(editor):
    for size in (8, 13):
        # In memory: the test client would leave a file of its own open.
        file = FileStorage(io.BytesIO(b"x" * (size * 1024 * 1024 + 1)), "voices.csv")
        boundary, body = encode_multipart({"file": file})
        kind = f"multipart/form-data; boundary={boundary}"
        looked = looked_at(editor.post(f"{IMPORT}/check", data=body, content_type=kind))
        assert looked.status == 200 and "larger than 8 MB" in looked.text


def test_a_file_of_more_rows_than_others_can_wait_for_is_refused_by_name(editor):
    looked = check(editor, table(*([f"Sample {n}", "", f"i{n}", DAY, "Tea."] for n in range(2001))))
    assert "The file has 2,001 rows. 2,000 can come in at once" in looked.text
    assert stored() == []


def test_columns_by_other_names_are_asked_for(editor):
    asked = check(editor, table(GOOD, header=[*HEADER[:4], "In their voice"]))
    select = asked.page.select_one("select")
    assert (select["name"], [o.text for o in select.select("option")][1:]) == (
        "column-text",
        [*HEADER[:4], "In their voice"],
    )
    looked = looked_at(
        editor.post(f"{IMPORT}/check", data=asked.fields | {"column-text": "In their voice", "column-odd": "x"})
    )
    assert facts(looked.page)["Published"] == "1"
    editor.post(IMPORT, data=looked.fields)
    assert stored()[0].text == SERVICE


@pytest.mark.parametrize("carried_text", ["x", "!!!", "eJw=", "A" * 10])
def test_what_no_page_carried_is_refused(editor, carried_text):
    assert editor.post(IMPORT, data={"carried": carried_text, "file_name": "x"}).status_code == 400


def test_a_carried_file_comes_out_as_it_went_in_and_no_larger_than_it_may():
    content = os.urandom(1000) + b"x" * 1000
    assert carried.unpack(carried.pack(content), at_most=2000) == content
    assert carried.unpack(carried.pack(content), at_most=1999) is None
    assert carried.unpack(carried.pack(b"\0" * 10**7), at_most=1000) is None
    assert carried.unpack(carried.pack(content)[:-8], at_most=2000) is None
