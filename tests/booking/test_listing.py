"""Which appointments lists have, and how many there are of a person."""

from datetime import timedelta

from clinic_app.booking import appointments, changes, listing, tables
from clinic_app.weeks import Weeks

from .conftest import LEE, MONDAY, NOW, do
from .make import keep, keep_undone, row


def count_of(email_key: str = "", phone: str = "") -> int:
    return listing.count_of(email_key=email_key, phone=phone)


def test_those_of_a_person_are_counted_once_each_by_address_and_phone(clinic, at, monkeypatch):
    keep(
        row(clinic, at(MONDAY, "09:00")),
        row(clinic, at(MONDAY, "10:00"), phone=None),
        row(clinic, at(MONDAY, "11:00"), email=None, email_key=None),
        row(clinic, at(MONDAY, "13:00"), email="lee@example.com", email_key="lee@example.com", phone=None),
    )
    keep_undone(row(clinic, at(MONDAY, "14:00")))
    assert count_of("alex@example.org", "+61491570006") == 3
    assert count_of("alex@example.org") == count_of(phone="+61491570006") == 2
    assert count_of() == 0
    monkeypatch.setattr(listing, "COUNTED", 1)
    assert count_of("alex@example.org") == 1


def test_what_was_undone_as_soon_as_it_was_made_is_in_no_list_and_what_was_cancelled_is(book):
    hand = changes.Hand(member_id=1, name="Kit Example", hold_mail_until=NOW + timedelta(minutes=1))
    do(appointments.cancel, book(wall="14:00"))
    undone = book(by="staff", patient=LEE, hand=hand)
    do(changes.undo, hand.change, hand=hand)
    assert undone.status == "cancelled"
    assert [found.name for found in tables.starting_in(Weeks.holding(MONDAY, MONDAY))] == ["Alex Placeholder"]
    assert (count_of("alex@example.org"), count_of("lee@example.com")) == (1, 0)
