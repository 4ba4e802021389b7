"""Secret links."""

from datetime import timedelta

import pytest
import time_machine

from clinic_app import clock
from clinic_app.booking import appointments, corrections, lineup, links, profiles
from clinic_app.booking.refusals import LinkNotFound
from clinic_app.database import transaction
from clinic_app.extensions import db
from clinic_app.keys.secret_key import token_hash
from clinic_app.mail.models import OutboxMail

from .conftest import ALEX, LEE, NOW, TUESDAY, do, last_mail


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


def test_each_address_has_a_link_of_its_own_and_is_mailed_it_though_it_had_one_before(book):
    made = book()
    found = [links.token_of(made)]
    for address in ("right@example.org", ALEX.email):
        with transaction():
            db.session.execute(db.update(OutboxMail).values(state="sent", sent_at=NOW))
        do(corrections.correct, made, patient=ALEX._replace(email=address), by="staff")
        found.append(links.token_of(made))
        assert found[-1] in last_mail("booked").text_body
        assert last_mail("booked").to_address == address
        assert links.find(found[-1]).id == made.id
        with pytest.raises(LinkNotFound):
            links.find(found[-2])
    assert len(set(found)) == 3


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


def test_a_feed_is_closed_to_who_has_left(clinic):
    with time_machine.travel(NOW, tick=False) as traveller:
        with transaction():
            token = links.new_feed_url(clinic.robin).rpartition("/")[2].removesuffix(".ics")
            lineup.leave(clinic.robin, last_day=clock.today())
        assert links.find_feed(token).slug == "robin"
        traveller.shift(timedelta(days=1))
        with pytest.raises(LinkNotFound):
            links.find_feed(token)
        with transaction():
            lineup.come_back(profiles.practitioner("robin"))
        assert links.find_feed(token).slug == "robin"
