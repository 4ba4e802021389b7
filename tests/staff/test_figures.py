"""The figures page, its files, and who may have them."""

import csv
import io
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import select

from clinic_app import clock, database
from clinic_app.accounts.models import AuditEntry
from clinic_app.extensions import db
from tests.queries import count
from tests.reading import read, text_of

from ..booking.conftest import MONDAY, clinic  # noqa: F401  a fixture
from ..booking.make import keep, row
from ..factories import enquire

NOW = datetime(2026, 11, 26, 1, tzinfo=UTC)  # Thursday noon in Sydney, in MONDAY's week


@pytest.fixture(autouse=True)
def thursday():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def some(clinic):  # noqa: F811
    """Appointments and enquiries of MONDAY's week, and one appointment a year before."""
    at = lambda wall: clock.instant_of(MONDAY, time.fromisoformat(wall))  # noqa: E731
    keep(
        row(clinic, at("09:00"), status="fulfilled"),
        row(clinic, at("10:00"), status="noshow", name="=HYPERLINK(1)"),
        row(clinic, at("11:00"), status="cancelled"),
        row(clinic, at("09:00"), practitioner_id=clinic.kit.id),
        row(clinic, at("09:00") - timedelta(days=364)),
    )
    with database.transaction():
        enquire(message="@SUM(A1)", nonce="n-1").first_answered_at = clock.now() + timedelta(hours=3)
        enquire(name="Lee Invented", phone="", nonce="n-2")
    return clinic


def page_of(client, address="/staff/figures"):
    return read(client.get(address))


def table_of(page, title):
    (section,) = (s for s in page.find_all("section") if s.h2.text == title)
    return [[cell.text for cell in line.find_all(["th", "td"])] for line in section.table.find_all("tr")]


def rows_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def entries(action):
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry).filter_by(action=action).order_by(AuditEntry.id)))


def test_the_last_twelve_weeks_are_shown_with_a_table_behind_each_chart(some, staff):
    page = page_of(staff("reception"))
    assert len(page.find_all("svg", role="img")) == 5
    table = table_of(page, "Appointments a week")
    assert len(table) == 1 + 12
    assert table[-1] == ["Mon 23 Nov 2026", "3", "2", "1", "0", "0", "1"]
    assert table_of(page, "No-shows")[-1] == ["Mon 23 Nov 2026", "3", "1", "33%"]
    assert table_of(page, "Enquiries a week")[-1] == ["Mon 23 Nov 2026", "2", "0"]
    assert table_of(page, "Time to first answer")[-1] == ["Mon 23 Nov 2026", "1", "1", "3 h", "3 h"]
    assert table_of(page, "Busiest hours")[1:] == [
        ["9 am", "2", "0", "0", "0", "0", "0", "0"],
        ["10 am", "1", "0", "0", "0", "0", "0", "0"],
    ]


def test_each_chart_is_said_in_a_sentence_of_one_or_several(some, staff):
    reception = staff("reception")
    assert said_on(page_of(reception)) == [
        "Most appointments (3) were in the week from Mon 23 Nov 2026.",
        "1 of 3 appointments was missed.",
        "Most enquiries (2) were in the week from Mon 23 Nov 2026.",
        "1 enquiry was answered, 1 was not.",
        "Most appointments (2) start on Mondays between 9 am and 10 am.",
    ]
    keep(row(some, clock.instant_of(MONDAY, time(10))), row(some, clock.instant_of(MONDAY, time(12))))
    keep(*(row(some, clock.instant_of(MONDAY - timedelta(days=7), time(hour))) for hour in (9, 10, 12, 14, 15)))
    said = said_on(page_of(reception))
    assert (said[0], said[4]) == ("No week stands out.", "No hour stands out.")
    assert said_on(page_of(reception, "/staff/figures?from=2025-11-24&to=2025-11-30"))[1:4] == [
        "No appointment was missed.",
        "There were no enquiries.",
        "There were no enquiries.",
    ]


def said_on(page):
    return [
        text_of(section.select_one("p.small:not(.quiet)"))
        for section in page.select("section.figure:has(svg[role])")
    ]


def test_the_address_says_which_weeks_and_whose_appointments(some, staff):
    owner = staff("owner")
    page = page_of(owner, "/staff/figures?from=2025-11-24&to=2025-11-30&practitioner=robin")
    assert table_of(page, "Appointments a week")[1:] == [["Mon 24 Nov 2025", "1", "1", "0", "0", "0", "0"]]
    assert page.find("option", selected=True).text == "Robin Sample"
    page = page_of(owner, "/staff/figures?practitioner=kit")
    assert table_of(page, "Appointments a week")[-1][1] == "1"


@pytest.mark.parametrize(
    "query", ["from=yesterday&to=", "from=2026-02-30", "from=0001-01-01&to=9999-12-31", "to=%00"]
)
def test_days_that_are_none_show_something_that_fits(some, staff, query):
    assert page_of(staff("owner"), f"/staff/figures?{query}").find("svg", role="img")


def test_of_more_than_two_years_the_last_are_shown_and_the_page_says_so(some, staff):
    page = page_of(staff("owner"), "/staff/figures?from=2000-01-01")
    assert len(table_of(page, "Appointments a week")) == 1 + 106
    assert "Two years can be shown at once" in page.text


@pytest.mark.parametrize("query", ["practitioner=nobody", "practitioner=%00", "status=maybe", "state=maybe"])
def test_filters_that_name_nothing_are_not_found(some, staff, query):
    assert staff("owner").get(f"/staff/figures?{query}").status_code == 404


@pytest.mark.parametrize(
    ("name", "header", "last"),
    [
        ("appointments-a-week", "Week from", ["2026-11-23", "3", "2", "1", "0", "0", "1"]),
        ("no-shows", "Week from", ["2026-11-23", "3", "1", "0.3333"]),
        ("enquiries-a-week", "Week from", ["2026-11-23", "2", "0"]),
        ("first-answers", "Week from", ["2026-11-23", "1", "1", "3.0", "3.0"]),
        ("busy-hours", "Hour from", ["10 am", "1", "0", "0", "0", "0", "0", "0"]),
    ],
)
def test_each_figure_is_a_file_too(some, staff, name, header, last):
    rows = rows_of(staff("reception"), f"/staff/figures/{name}.csv")
    assert rows[0][0] == header
    assert rows[-1] == last


def test_files_say_in_their_header_what_the_numbers_are(some, staff):
    client = staff("owner")
    assert rows_of(client, "/staff/figures/first-answers.csv")[0][-1] == "Nine of ten within (hours)"
    assert rows_of(client, "/staff/figures/no-shows.csv")[0][-1] == "No-shows (share)"


def test_appointments_are_a_file_in_which_no_formula_runs(some, staff):
    header, *rows = rows_of(staff("reception"), "/staff/figures/appointments.csv?practitioner=robin")
    missed = dict(zip(header, rows[1], strict=True))
    assert len(rows) == 3
    assert missed["Name"] == "'=HYPERLINK(1)"
    assert missed["Starts"] == "2026-11-23T10:00:00+11:00"
    assert (missed["Status"], missed["Phone"], missed["Price"]) == ("No-show", "0491 570 006", "0.0")


def test_appointments_of_one_status_are_a_file(some, staff):
    assert len(rows_of(staff("owner"), "/staff/figures/appointments.csv?status=cancelled")) == 1 + 1


def test_enquiries_are_a_file_in_which_no_formula_runs(some, staff):
    header, first, second = rows_of(staff("reception"), "/staff/figures/enquiries.csv")
    assert dict(zip(header, first, strict=True))["Message"] == "'@SUM(A1)"
    assert dict(zip(header, first, strict=True))["First answered"] == "2026-11-26T15:00:00+11:00"
    assert dict(zip(header, second, strict=True))["Phone"] == ""


def test_each_download_is_in_the_audit_trail_without_anybodys_details(some, staff):
    client = staff("reception")
    client.get("/staff/figures/appointments.csv?from=2026-11-23&to=2026-11-23&practitioner=kit")
    client.get("/staff/figures/busy-hours.csv")
    first, second = entries("downloaded")
    assert first.details == {
        "file": "appointments.csv",
        "from": "2026-11-23",
        "to": "2026-11-29",
        "practitioner": "kit",
    }
    assert second.details["file"] == "busy-hours.csv"


@pytest.mark.parametrize("role", ["editor", "practitioner"])
@pytest.mark.parametrize("path", ["", "/busy-hours.csv", "/enquiries.csv", "/appointments.csv"])
def test_figures_are_for_those_who_need_them(some, staff, client, role, path):
    assert staff(role).get(f"/staff/figures{path}").status_code == 403
    assert client.get(f"/staff/figures{path}").status_code == 302
    assert not entries("downloaded")


def test_a_file_that_is_none_is_not_found(some, staff):
    assert staff("owner").get("/staff/figures/nothing.csv").status_code == 404


def test_the_page_asks_as_many_questions_of_few_rows_as_of_many(some, staff):
    client = staff("owner")
    of_few = count(lambda: page_of(client))
    start = clock.instant_of(MONDAY) - timedelta(days=60)
    keep(*(row(some, start + timedelta(hours=n), status="fulfilled") for n in range(200)))
    assert count(lambda: page_of(client)) == of_few
