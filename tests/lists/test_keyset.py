"""Long lists by key."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import aliased

from clinic_app import database
from clinic_app.accounts.models import AuditEntry
from clinic_app.extensions import db
from clinic_app.lists import keyset

START = datetime(2026, 11, 24, tzinfo=UTC)
ORDERS = {
    "newest first": (AuditEntry.at.desc(), AuditEntry.id.desc()),
    "oldest first": (AuditEntry.at, AuditEntry.id),
}


@pytest.fixture
def entries(app):
    """Seven, of which two and two are of the same instant."""
    with database.transaction():
        for number in range(7):
            at = START + timedelta(minutes=number // 2)
            db.session.add(AuditEntry(at=at, by="Casey Invented", action=f"did {number}"))


def walk(way: str, order, at=None):
    """The actions on each page from `at` on, by the links that lead one way."""
    pages = []
    while True:
        page = keyset.page(select(AuditEntry), order=order, size=3, at=at)
        pages.append([entry.action[-1] for entry in page.items])
        at = getattr(page, way)
        if at is None:
            return pages, page


@pytest.mark.parametrize("name", ORDERS)
def test_each_row_is_met_once_on_the_way_down_and_on_the_way_back(entries, name):
    down, last = walk("older", ORDERS[name])
    wanted = list("0123456") if name == "oldest first" else list("6543210")
    assert sum(down, []) == wanted
    back, _ = walk("newer", ORDERS[name], last.newer)
    assert sum(reversed(back), []) == wanted[:-1]


def test_rows_that_come_meanwhile_move_no_page(entries):
    order = ORDERS["newest first"]
    first = keyset.page(select(AuditEntry), order=order, size=3)
    with database.transaction():
        db.session.add(AuditEntry(at=START + timedelta(hours=1), by="Casey Invented", action="did 9"))
    second = keyset.page(select(AuditEntry), order=order, size=3, at=first.older)
    assert [entry.action for entry in second.items] == ["did 3", "did 2", "did 1"]


@pytest.mark.parametrize(
    "token", ["", "x", "o", "oWzEsMl0", "o" + "W1" * 400, "nbnVsbA", "oé", "oWyIyMDI2LTExLTI0IiwiYSJd"]
)
def test_any_other_token_means_the_first_page(entries, token):
    page = keyset.page(select(AuditEntry), order=ORDERS["newest first"], size=3, at=token)
    assert [entry.action[-1] for entry in page.items] == ["6", "5", "4"]
    assert page.newer is None


AWARE = START.isoformat()


@pytest.mark.parametrize(
    "values",
    [
        (AWARE,),
        (AWARE, 1, 1),
        (AWARE, "1"),
        (AWARE, True),
        (AWARE, keyset.LARGEST_NUMBER + 1),
        (AWARE, -keyset.LARGEST_NUMBER - 1),
        ("2026-11-24T00:00:00", 1),  # of no zone
        (1, 1),
    ],
)
def test_a_token_of_values_that_no_row_has_means_the_first_page(entries, values):
    page = keyset.page(select(AuditEntry), order=ORDERS["newest first"], size=3, at=token_of(*values))
    assert [entry.action[-1] for entry in page.items] == ["6", "5", "4"]
    assert page.newer is None


def test_a_token_with_a_character_that_no_database_takes_means_the_first_page(entries):
    order = (AuditEntry.by, AuditEntry.id)
    assert keyset.page(select(AuditEntry), order=order, size=3, at=token_of("Casey\0", 1)).newer is None
    assert keyset.page(select(AuditEntry), order=order, size=3, at=token_of("Casey Invented", 3)).newer


def token_of(*values) -> str:
    return keyset.OLDER + base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def test_a_page_that_was_gone_back_to_leads_on_again(entries):
    order = ORDERS["newest first"]
    first = keyset.page(select(AuditEntry), order=order, size=3)
    second = keyset.page(select(AuditEntry), order=order, size=3, at=first.older)
    back = keyset.page(select(AuditEntry), order=order, size=3, at=second.newer)
    assert (back.items, back.newer) == (first.items, None)
    assert keyset.page(select(AuditEntry), order=order, size=3, at=back.older).items == second.items


@pytest.mark.parametrize("looked_at", [1, 100])
@pytest.mark.parametrize("name", ORDERS)
def test_all_that_have_some_words_are_met_once_be_they_found_by_an_index_or_at_sight(app, name, looked_at):
    with database.transaction():
        for number in range(9):
            at = START + timedelta(minutes=number // 2)
            db.session.add(AuditEntry(at=at, by="Kit" if number % 3 else "Casey", action=f"did {number}"))
    entry = aliased(AuditEntry)
    words = keyset.Words(
        rows=select(AuditEntry),
        by_index=select(entry.id.label("key")).where(entry.by == "Kit"),
        at_sight=lambda key: select(entry.id).where(entry.id == key, entry.by == "Kit"),
        looked_at=looked_at,
    )
    met, at = [], None
    while at or not met:
        page = keyset.page(select(AuditEntry), order=ORDERS[name], size=2, at=at, words=words)
        met.append("".join(entry.action[-1] for entry in page.items))
        at = page.older
    assert met == (["12", "45", "78"] if name == "oldest first" else ["87", "54", "21"])


def test_where_all_that_a_page_had_has_gone_since_the_first_page_stands(entries):
    order = ORDERS["newest first"]
    first = keyset.page(select(AuditEntry), order=order, size=3)
    those_left = select(AuditEntry).where(AuditEntry.id > first.items[-1].id)
    left = keyset.page(those_left, order=order, size=3, at=first.older)
    assert [entry.action[-1] for entry in left.items] == ["6", "5"]
    assert (left.newer, left.older) == (None, None)


def test_a_list_without_rows_has_no_other_pages(app):
    assert keyset.page(select(AuditEntry), order=ORDERS["newest first"]) == keyset.Page([], None, None)


@pytest.mark.parametrize(
    "text", ["", "-1", "1.5", "x", "\u0663", "\u00b2", " 1", str(keyset.LARGEST_NUMBER + 1), "9" * 5_000]
)
def test_what_can_be_no_rows_number_is_none(text):
    assert keyset.row_number(text) is None


def test_a_rows_number_is_read():
    assert [keyset.row_number(text) for text in ("0", "12", str(keyset.LARGEST_NUMBER))] == [
        0,
        12,
        keyset.LARGEST_NUMBER,
    ]
