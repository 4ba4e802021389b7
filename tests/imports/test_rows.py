"""Reading content files: rows know where they stand, files that cannot be read say so."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clinic_app.imports.rows import BadFile, BadRow, Column, CsvFile, Upload
from clinic_app.imports.values import webflow_date
from clinic_app.pictures import media

COLUMNS = {
    "title": Column(("Name",), required=True),
    "body": Column(("Post Body", "Body"), required=True),
    "item_id": Column(("Item ID",)),
}


@pytest.fixture
def read(tmp_path):
    def write(content, **options):
        path = tmp_path / "items.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return CsvFile(path, COLUMNS, **options)

    return write


def test_rows_know_the_line_that_they_begin_on(read):
    rows = read('Name,Body\nA,"one\ntwo"\n\nB,three\n')
    assert [(row.where, row["title"], row["body"]) for row in rows] == [
        ("line 2", "A", "one\ntwo"),
        ("line 5", "B", "three"),
    ]
    assert len(rows) == 2


def test_a_byte_order_mark_is_no_part_of_the_first_name(read):
    assert [row["title"] for row in read(b"\xef\xbb\xbfHeading,Body\nA,b\n", overrides={"Heading": "title"})] == [
        "A"
    ]


def test_columns_go_by_several_names_in_any_case(read):
    rows = read("post body,NAME,Colour\nb,A,red\n")
    assert [row["body"] for row in rows] == ["b"] and rows.unused == ["Colour"]


def test_a_mapped_column_goes_before_the_usual_one(read):
    rows = read("Name,Heading,Body\nA,H,b\n", overrides={"Heading": "title"})
    assert [row["title"] for row in rows] == ["H"]


@pytest.mark.parametrize(
    ("content", "overrides", "reason"),
    [
        (b"", {}, "is empty"),
        (b"\n\n", {}, "is empty"),
        (b"Name,Body\nA,\xff\n", {}, "not UTF-8"),
        (b"PK\x03\x04\x14\x00\xff\xfe", {}, "not UTF-8"),
        (b'Name,Body\nA,"b\n', {}, "not a CSV file: .*line 2"),
        (b"Name,Colour\nA,red\n", {}, "no column 'Post Body'. Its columns: Name, Colour"),
        (b"Name,Name,Body\n", {}, "more than one column 'Name'"),
        (b"Name,Body\n", {"Nmae": "title"}, "no column 'Nmae'.*did you mean Name"),
        (b"Name,Body\n", {"Name": "titel"}, "no field 'titel'.*did you mean title"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(read, content, overrides, reason):
    with pytest.raises(BadFile, match=f"(?s){reason}"):
        read(content, overrides=overrides)


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(BadFile, match="No such file"):
        CsvFile(tmp_path / "none.csv", COLUMNS)


def test_a_file_that_was_sent_reads_as_one_on_disk():
    sent = Upload("items.csv", b'\xef\xbb\xbfName,Body\nA,"one\r\ntwo"\n')
    assert [(row["title"], row["body"]) for row in CsvFile(sent, COLUMNS)] == [("A", "one\r\ntwo")]
    with pytest.raises(BadFile, match=r"items\.csv is not UTF-8 text"):
        CsvFile(Upload("items.csv", b"Name,Body\nA,\xff\n"), COLUMNS)


def test_rows_of_another_width_with_nul_or_a_repeated_id_are_faulty(read):
    rows = read("Name,Body,Item ID\nA,b\nA,b\0,1\nA,b,2\nA,b,2\n", unique="item_id")
    assert [row.fault for row in rows] == [
        "has 2 cells; the header has 3",
        "holds a NUL character",
        "",
        "has the same Item ID as line 4",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Mon Mar 02 2026 09:30:15 GMT+0000 (Coordinated Universal Time)",
        "Mon Mar 02 2026 20:30:15 GMT+1100 (Australian Eastern Daylight Time)",
        "2026-03-02T09:30:15Z",
    ],
)
def test_dates_are_read_in_webflows_way_with_their_zone(text):
    assert webflow_date(text, called="Published On") == datetime(2026, 3, 2, 9, 30, 15, tzinfo=UTC)


def test_a_date_without_a_time_is_midnight_in_the_clinics_zone(app):
    assert webflow_date("2026-01-01", called="Date") == datetime(2025, 12, 31, 13, tzinfo=UTC)


def test_no_date_is_none():
    assert webflow_date(" ", called="Published On") is None


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "Tue Feb 30 2026 09:30:15 GMT+0000",
        "2026-03-02T09:30",
        "2026-02-30",
        "0001-01-01",
        "0001-01-01T00:00+10:00",
        "9999-12-31T23:59:59Z",
    ],
)
def test_what_is_no_date_is_refused_by_name(app, text):
    with pytest.raises(BadRow, match="Published On .* is not a date such as 2026-03-02, or"):
        webflow_date(text, called="Published On")


def test_pictures_are_named_by_their_content_and_only_pictures_are_taken(tmp_path):
    one, two, page = tmp_path / "My Hill.PNG", tmp_path / "my hill.jpeg", tmp_path / "hill.svg"
    one.write_bytes(b"\x89PNG\r\n\x1a\n1")
    two.write_bytes(b"\x89PNG\r\n\x1a\n2")
    page.write_text("<html><svg></svg></html>")
    names = {media.name_for(one), media.name_for(two)}
    assert len(names) == 2 and all(name.startswith("my-hill.") and name.endswith(".png") for name in names)
    for wrong in (page, tmp_path / "none.png"):
        with pytest.raises(media.NotAPicture):
            media.name_for(wrong)


def test_a_pipe_is_read_as_a_file_is():
    end, begin = os.pipe()
    with os.fdopen(begin, "w") as writing:
        writing.write("Name,Body\nA,b\n")
    with os.fdopen(end):
        assert [row["body"] for row in CsvFile(Path(f"/dev/fd/{end}"), COLUMNS)] == ["b"]
