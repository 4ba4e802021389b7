"""Lists by state, owner and text; counts; what is overdue."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from clinic_app.enquiries import entries, listing, search, states
from clinic_app.extensions import db
from clinic_app.lists import keyset

NOON = datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.fixture
def received_at(receive):
    """Receives an enquiry at this many hours before NOON."""

    def receive_at(hours, **changes):
        with time_machine.travel(NOON - timedelta(hours=hours), tick=False):
            return receive(**changes)

    return receive_at


def listed(*, text: str = "", **filters) -> list[str]:
    db.session.rollback()
    words = search.words(text)
    page = keyset.page(listing.matching(**filters), order=listing.NEWEST_FIRST, words=words)
    return [enquiry.message for enquiry in page.items]


def test_lists_are_by_state_owner_and_text(receive, people, do):
    mine = receive(message="Mine")
    receive(message="Nobody's parking")
    closed = receive(message="Closed parking")
    receive(message="Spam", honeypot="x")
    do(states.assign, mine, to=people.robin)
    do(states.close, closed)
    assert listed(state="new") == ["Nobody's parking", "Mine"]
    assert listed(state="new", owner=people.robin.id) == ["Mine"]
    assert listed(state="new", owner=listing.NOBODY) == ["Nobody's parking"]
    assert listed() == ["Spam", "Closed parking", "Nobody's parking", "Mine"]
    assert listed(owner=listing.NOBODY) == ["Spam", "Closed parking", "Nobody's parking"]
    assert listed(text="parking") == ["Closed parking", "Nobody's parking"]
    assert listed(state="closed", text="parking") == ["Closed parking"]
    assert listed(state="spam") == ["Spam"]
    assert listed(text=" ") == listed()
    assert listed(text="?!") == []


def test_counts_are_told_by_state_and_of_what_is_overdue(received_at, do):
    for hours in (30, 25, 24, 2, 1):
        enquiry = received_at(hours)
    do(states.close, enquiry)
    received_at(48, honeypot="x")
    with time_machine.travel(NOON, tick=False):
        counts = listing.counts()
    assert counts == listing.Counts(new=4, open=0, closed=1, spam=1, overdue=3)


def test_counts_stop_at_what_is_worth_telling(receive, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED", 2)
    for _ in range(4):
        receive()
    assert listing.counts().new == 2


def test_new_ones_are_overdue_after_the_hours_that_the_setting_says(received_at, people, do, with_settings):
    oldest, answered, fresh = (received_at(hours) for hours in (30, 28, 20))
    do(entries.note_call, answered, text="Told her.", by=people.kit)
    with time_machine.travel(NOON, tick=False):
        assert [listing.is_overdue(e) for e in (oldest, answered, fresh)] == [True, False, False]
        with_settings(answer_within_hours=8)
        assert listing.is_overdue(fresh)


def test_others_of_the_same_person_are_counted_by_address_and_phone(receive):
    enquiry = receive(email="Robin@Example.org", phone="+61491570006")
    receive(email="robin@example.org", phone="")
    receive(email="", phone="+61491570006")
    receive(email="robin@example.org", phone="+61491570006")
    receive(email="kit@example.org", phone="")
    assert listing.others_of(enquiry) == 3
    assert listing.others_of(receive(email="lee@example.org", phone="")) == 0
