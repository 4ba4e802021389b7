"""Secret links."""

import pytest

from clinic_app.booking import appointments, links
from clinic_app.booking.refusals import LinkNotFound
from clinic_app.database import transaction
from clinic_app.secret_key import token_hash

from .conftest import LEE, TUESDAY, do


def test_a_link_finds_its_appointment_through_moves_and_after_cancelling(book, at):
    made = book()
    url = links.manage_url(made)
    assert url.startswith("https://clinic.example/a/")
    token = url.rpartition("/")[2]
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "09:30"))
    assert links.find(token).id == made.id
    do(appointments.cancel, made)
    assert links.find(token).status == "cancelled"
    assert links.manage_url(made) == url


def test_people_who_share_an_e_mail_have_links_of_their_own(book):
    one, other = book(), book(wall="10:00")
    assert links.token_of(one) != links.token_of(other)
    assert links.find(links.token_of(other)).id == other.id


@pytest.mark.parametrize("token", ["", "x", "\udc80", "a" * 10_000, "é", "%00\x00"])
def test_any_other_text_finds_nothing(book, token):
    book()
    with pytest.raises(LinkNotFound):
        links.find(token)
    with pytest.raises(LinkNotFound):
        links.find_feed(token)


def test_the_database_holds_no_token(book):
    made = book()
    assert links.token_of(made) not in str(vars(made))
    assert made.token_hash == token_hash(links.token_of(made))


def test_after_a_change_of_the_sites_key_old_links_work_until_a_mail_brings_a_new_one(app, book, monkeypatch):
    made = book(patient=LEE)
    old = links.token_of(made)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another key")
    assert links.find(old).id == made.id
    with transaction():
        new = links.manage_url(made).rpartition("/")[2]
    assert links.find(new).id == made.id
    with pytest.raises(LinkNotFound):
        links.find(old)


def test_a_new_feed_address_replaces_the_old_one(clinic):
    with transaction():
        first = links.new_feed_url(clinic.robin)
        second = links.new_feed_url(clinic.robin)
    assert first.startswith("https://clinic.example/calendar/") and first.endswith(".ics")
    token = second.rpartition("/")[2].removesuffix(".ics")
    assert links.find_feed(token).slug == "robin"
    with pytest.raises(LinkNotFound):
        links.find_feed(first.rpartition("/")[2].removesuffix(".ics"))
