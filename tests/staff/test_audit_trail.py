"""The audit trail as owners read it."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import insert

from clinic_app import clock, database
from clinic_app.accounts import audit, trail
from clinic_app.accounts.models import AuditEntry
from clinic_app.enquiries import references
from clinic_app.extensions import db
from tests.factories import enquire
from tests.queries import count, noted
from tests.reading import page_of

from .conftest import new_member

PATH = "/staff/audit"


@pytest.fixture
def owner(staff):
    return staff("owner", name="Robin Sample")


@pytest.fixture
def casey(app):
    return new_member("reception", name="Casey Invented")


def write(
    action: str, by=None, kind: str = "", number: int | None = None, at: str | None = None, **details
) -> None:
    with time_machine.travel(at or clock.now(), tick=False), database.transaction():
        audit.record(action, by=by, kind=kind, id=number, **details)


def told(page: str) -> list[str]:
    """The entries of a page, as they read."""
    rows = re.findall(r'<li class="row">\s*<div class="row-main">\s*<p>(.*?)</p>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", "", row).split()) for row in rows]


def test_entries_say_who_did_what_newest_first(owner, casey):
    write("closed the clinic", kind="closure", number=3)
    write("opened", casey, "appointment", 12, part="html")
    write("signed in", casey, "member", casey.id)
    write("changed the roles of", casey, "member", casey.id, roles=["editor", "reception"], left=0, told=False)
    page = owner.get(PATH).text
    assert told(page) == [
        "Casey Invented changed the roles of Casey Invented",
        "Casey Invented signed in",
        "Casey Invented opened appointment 12",
        "command line closed the clinic (closure 3)",
    ]
    assert "Roles: editor, reception; 0 left; told: no." in page
    assert 'href="/staff/appointments/12"' in page
    assert f'href="/staff/team/{casey.id}"' in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("who={casey}", [4, 2, 1]),
        ("who=command+line", [3]),
        ("who=somebody", [5]),
        ("who=999", []),
        ("action=opened", [2, 1]),
        ("kind=appointment", [3, 2]),
        ("kind=appointment&number=7", [2]),
        ("number=7", [4, 2]),
        ("number=8", [3]),
        ("number={reference}", [1]),
        ("from=2026-11-02", [5, 4, 3]),
        ("to=2026-11-01", [2, 1]),
        ("from=2026-11-02&to=2026-11-02", [4, 3]),
        ("who={casey}&action=opened&to=2026-10-31", [1]),
        ("about=enquiry:{enquiry}&about=appointment:8", [3, 1]),
        ("about=enquiry:{enquiry}&about=nonsense&about=x:y&about=:", [1]),
    ],
)
def test_the_address_says_what_is_shown(owner, casey, asked, found):
    with database.transaction():
        enquiry = enquire()
    write("opened", casey, "enquiry", enquiry.id, at="2026-10-31T23:59:59+11:00", n=1)
    write("opened", casey, "appointment", 7, at="2026-11-01T23:59:59+11:00", n=2)
    write("cancelled", None, "appointment", 8, at="2026-11-02T00:00:00+11:00", n=3)
    write("tried again", casey, "mail", 7, at="2026-11-02T23:59:59+11:00", n=4)
    write("failed to sign in as", audit.SOMEBODY, "member", casey.id + 40, at="2026-11-03T00:00:00+11:00", n=5)
    reference = references.shown(enquiry.reference)
    page = owner.get(f"{PATH}?{asked.format(casey=casey.id, enquiry=enquiry.id, reference=reference)}")
    assert [int(n) for n in re.findall(r'<p class="quiet">N: (\d)\.</p>', page.text)] == found


@pytest.mark.parametrize(
    "asked",
    [
        "from=yesterday", "to=9999-12-31", "from=0001-01-01", "number=abc", "number=-1", "number=" + "9" * 20,
        "from=2026-02-30&to=%00", "who=%00", "who=-1", "action=%27%3B--", "kind=%00", "at=nonsense",
        "about=enquiry:999999999999", "endpoint=x&_external=1&at=x", "number=%C2%B2", "who=%D9%A1",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_no_fault_of_the_site(owner, casey, asked):
    write("opened", casey, "appointment", 12)
    answer = owner.get(f"{PATH}?{asked}")
    assert answer.status_code == 200
    assert owner.get(f"{PATH}/trail.csv?{asked}").status_code == 200


def test_what_cannot_be_read_is_said_beside_it(owner):
    page = owner.get(f"{PATH}?from=yesterday&number=abc").text
    assert "<title>Error: Audit trail" in page
    assert "Choose a day" in page
    assert "Enter a number" in page
    assert 'value="abc"' in page
    assert '<a href="#number">Enter a number' in page


def test_long_trails_are_paged_and_keep_their_filters(owner, casey):
    with database.transaction():
        for number in range(120):
            audit.record("opened", by=casey, kind="appointment", id=number + 1)
            audit.record("closed", by=casey, kind="enquiry", id=number + 1)
    path, seen = f"{PATH}?about=appointment:1&action=opened&about=appointment:2", []
    assert told(owner.get(path).text) == [
        "Casey Invented opened appointment 2",
        "Casey Invented opened appointment 1",
    ]
    path = f"{PATH}?action=opened"
    while path:
        page = owner.get(path).text
        seen += told(page)
        older = re.search(r'rel="next" href="([^"]*)"', page)
        path = older and older[1].replace("&amp;", "&")
        assert not path or "action=opened" in path
    assert len(seen) == len(set(seen)) == 120


def test_a_name_that_runs_from_the_right_turns_no_line(owner):
    layla = new_member("reception", name="\u0644\u064a\u0644\u0649")
    write("booked", by=layla, kind="appointment", number=21)
    write("deactivated", by=layla, kind="member", number=layla.id)
    page = page_of(owner, PATH)
    lines = page.select(".trail .row-main > p")
    assert [bdi.text for bdi in lines[1].select("bdi")] == [layla.name, "appointment 21"]
    assert all(
        layla.name not in text
        for line in lines
        for text in line.find_all(string=True)
        if text.parent.name != "bdi"
    )


def test_the_trail_of_an_enquiry_leads_to_its_page(owner, casey):
    with database.transaction():
        enquiry = enquire()
        reference = references.shown(enquiry.reference)
        audit.record("opened", by=casey, kind="enquiry", id=enquiry.id)
    page = owner.get(PATH).text
    assert f'href="/staff/enquiries/{reference}">enquiry {reference}' in page


def test_the_filtered_trail_is_a_file_that_runs_no_formula(owner, casey):
    write("opened", casey, "appointment", 12)
    write("=cmd()", None, "enquiry", 5, why="+1")
    answer = owner.get(f"{PATH}/trail.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment; filename=audit-trail-" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0][:3] == ["When", "Who", "Number of who"]
    assert rows[1][1:6] == ["Casey Invented", str(casey.id), "opened", "appointment", "12"]
    assert rows[2][3] == "'=cmd()"
    only = owner.get(f"{PATH}/trail.csv?kind=appointment").text
    assert "=cmd" not in only
    assert "downloaded the audit trail" in owner.get(PATH).text


def test_only_an_owner_reads_it_and_nobody_changes_it(app, staff):
    for role in ("reception", "editor", "practitioner"):
        assert staff(role).get(PATH).status_code == 403
        assert staff(role).get(f"{PATH}/trail.csv").status_code == 403
    assert staff("owner").post(PATH).status_code == 405


def test_who_was_invited_by_address_alone_is_called_by_it(owner, casey):
    nameless = new_member("editor", name="", email="kit@clinic.example", password=None)
    write("invited", casey, "member", nameless.id)
    write("opened", casey, "mail", 4, what="all that is held", enquiries=[5, 6], mails=1)
    page = owner.get(PATH).text
    assert told(page) == ["Casey Invented opened email 4", "Casey Invented invited kit@clinic.example"]
    assert '<p class="quiet">All that is held; 2 enquiries; 1 email.</p>' in page


def test_the_page_asks_the_database_as_often_whatever_is_on_it(app, owner, casey):
    write("opened", casey, "member", casey.id)
    write("opened", casey, "enquiry", 1)
    few = count(lambda: owner.get(PATH))
    with database.transaction():
        for number in range(45):
            audit.record("opened", by=casey, kind="enquiry", id=number + 1)
            audit.record("changed the roles of", by=casey, kind="member", id=number + 1)
    assert count(lambda: owner.get(PATH)) == few


def test_a_member_changed_the_name_and_the_trail_keeps_the_one_of_then(owner, casey):
    write("opened", casey, "appointment", 12)
    with database.transaction():
        db.session.merge(casey).name = "Casey Made-Up"
    assert told(owner.get(PATH).text) == ["Casey Invented opened appointment 12"]


DAYS = "?from=2021-01-01&to=2021-01-02"
ASKED = ("", "?who=somebody", "?kind=mail&number=77", "?action=moved", "?number=9", DAYS)


def test_a_trail_of_many_years_is_read_by_its_indexes(app, owner, casey):
    """Each page is found by an index, but for the first of all, which begins at the end; so are the choices."""
    began = datetime(2020, 1, 1, tzinfo=UTC)
    rows = [
        {
            "at": began + timedelta(hours=9 * n),
            "member_id": casey.id if n % 50 else None,
            "by": "Casey Invented" if n % 50 else "somebody",
            "action": ("opened", "closed", "booked", "moved")[n % 4],
            "kind": ("enquiry", "appointment", "mail")[n % 3],
            "about_id": n // 10,
            "details": {},
        }
        for n in range(2000)
    ]
    with database.transaction():
        db.session.execute(insert(AuditEntry), rows)
    for query in ASKED:
        with noted() as statements:
            assert owner.get(PATH + query).status_code == 200
        about_entries = [statement for statement in statements if "FROM audit_entries" in statement.sql]
        assert about_entries, query
        for statement in about_entries:
            whole = re.findall(r"Seq Scan on audit_entries|SCAN audit_entries(?! USING)", statement.plan())
            assert not whole or "ORDER BY audit_entries.id DESC" in statement.sql, statement
    db.session.rollback()
    assert trail.actions() == ["booked", "closed", "moved", "opened"]
    assert trail.kinds() == ["appointment", "enquiry", "mail"]
