"""What is held under an email address or a phone number."""

from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import update

from clinic_app import clock, database
from clinic_app.booking import appointments, corrections, profiles
from clinic_app.booking.appointments import Patient
from clinic_app.extensions import db
from clinic_app.keys import address_tokens
from clinic_app.mail import listing
from clinic_app.mail.models import OutboxMail
from clinic_app.people import erasing, finding, links
from clinic_app.people.identities import NAME, Identity, NotAnIdentity, digest, parse

from ..booking.conftest import MONDAY
from ..factories import enquire
from .conftest import JO, stored


def found(*texts):
    return finding.find(parse(text) for text in texts)


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        (" Jo.F@Example.org ", "email", "jo.f@example.org"),
        ("jo@bücher.example.org", "email", "jo@xn--bcher-kva.example.org"),
        ("jo@clinic.test", "email", "jo@clinic.test"),
        ("0491 570 156", "phone", "+61491570156"),
        ("+44 20 7946 0018", "phone", "+442079460018"),
    ],
)
def test_addresses_and_numbers_are_read_as_they_are_kept(app, typed, kind, value):
    assert parse(typed) == Identity(kind, value)


@pytest.mark.parametrize(
    "typed", ["", "Jo Fictional", "@", "jo@", "a b@c", "12", "\0", "x" * 400, "x@" + "y" * 400]
)
def test_what_is_neither_is_refused(app, typed):
    with pytest.raises(NotAnIdentity):
        parse(typed)


def test_everything_under_an_address_is_found_however_it_is_written(jo, lee):
    person = found("JO.F@EXAMPLE.ORG")
    assert person.enquiries == {jo.enquiry}
    assert person.appointments == {jo.moved, jo.kept}
    assert len(person.mails) > 6
    assert not person.is_unknown


def test_a_number_finds_the_same_records_and_tells_what_else_they_are_known_by(jo):
    person = found("0491 570 156")
    assert person.enquiries == {jo.enquiry}
    assert person.also_known_by == (Identity("email", "jo.f@example.org"),)
    assert found("0491 570 156", "jo.f@example.org").also_known_by == ()


def test_nobody_is_merged_who_only_shares_a_number(jo):
    with database.transaction():
        other = enquire(name="Lee Invented", email="lee@example.com", phone="+61491570156", nonce="x")
    by_mail = found("jo.f@example.org")
    assert other.id not in by_mail.enquiries
    by_phone = found("0491 570 156")
    assert other.id in by_phone.enquiries
    assert {identity.value for identity in by_phone.also_known_by} == {"jo.f@example.org", "lee@example.com"}


def test_of_those_who_share_address_and_number_one_is_found_by_their_name(jo):
    with database.transaction():
        other = enquire(name="Kim Fictional", email=JO.email, phone=JO.phone, nonce="x")
    kim = finding.find([parse("jo.f@example.org"), Identity(NAME, "Kim Fictional")])
    assert (kim.enquiries, kim.appointments, kim.names()) == ({other.id}, set(), {"Kim Fictional"})
    assert {db.session.get(OutboxMail, number).about_id for number in kim.mails} == {other.id}
    assert (kim.only, kim.others) == (("Kim Fictional",), ("Jo Fictional",))


def test_mails_about_a_persons_records_are_theirs_whoever_got_them(jo):
    person = found("jo.f@example.org")
    recipients = {db.session.get(OutboxMail, mail_id).to_address for mail_id in person.mails}
    assert recipients == {"Jo.F@example.org", "hello@clinic.example", "robin@example.org"}


@pytest.mark.parametrize("recipients", [(), ("desk@clinic.example",)])
def test_what_staff_get_as_staff_is_not_theirs(jo, with_settings, recipients):
    with_settings(staff_recipients=recipients)
    person = found("hello@clinic.example")
    assert person.is_staff
    assert person.is_unknown


def test_what_somebody_got_as_staff_is_not_theirs_once_the_address_is_nobodys_of_staff(jo, with_settings):
    with_settings(email="new@clinic.example")
    with database.transaction():
        profiles.save_practitioner("robin", email=None)
    for address in ("hello@clinic.example", "robin@example.org"):
        person = found(address)
        assert (person.is_staff, person.is_unknown) == (False, True)


def test_a_mistyped_address_is_found_in_the_notice_that_went_to_staff_and_can_be_erased(clinic, at, noon):
    with database.transaction():
        made = appointments.book(
            service=clinic.visit, starts_at=at(MONDAY, "09:00"), patient=Patient(name="Jo", email="oj@example.org")
        )
        corrections.correct(made, patient=Patient(name="Jo", email="jo@example.org"))
    assert "oj@example.org" in stored()
    person = found("oj@example.org")
    assert not person.appointments
    named = {db.session.get(OutboxMail, number).name for number in person.mails}
    assert named == {"appointment_notice", "appointment_booked"}, "the withdrawn confirmation too"
    with database.transaction():
        erasing.remove(person, anonymous=False)
    assert "oj@example.org" not in stored()
    assert found("jo@example.org").appointments == {made.id}


@pytest.mark.parametrize(
    ("wrong", "asked"),
    [
        ("Jo.Typo@example.org", "jo.typo@EXAMPLE.org"),
        ("jo@xn--bcher-kva.example.org", "jo@b\u00fccher.example.org"),
    ],
)
def test_mails_to_an_address_that_was_corrected_are_found_however_it_is_written(clinic, at, noon, wrong, asked):
    with database.transaction():
        made = appointments.book(
            service=clinic.visit, starts_at=at(MONDAY, "09:00"), patient=Patient(name="Jo", email=wrong)
        )
        db.session.execute(update(OutboxMail).values(state="sent", sent_at=clock.now()))
        corrections.correct(made, patient=Patient(name="Jo", email="jo@example.org"))
    for text in (wrong, asked):
        names = [db.session.get(OutboxMail, number).name for number in found(text).mails]
        assert sorted(names) == ["appointment_booked", "appointment_notice", "appointment_notice"]
        assert db.session.scalar(listing.matching("sent", to=text)).name == "appointment_booked"


def test_staff_can_be_patients_too(jo, clinic, at):
    with database.transaction():
        appointments.book(
            service=clinic.visit,
            practitioner=clinic.kit,
            starts_at=at(MONDAY + timedelta(days=7), "15:00"),
            patient=Patient(name="Robin Sample", email="robin@example.org"),
            by=appointments.STAFF,
            override="After hours",
        )
    person = found("robin@example.org")
    assert (person.is_staff, len(person.appointments), len(person.mails)) == (True, 1, 1)


def test_a_fingerprint_changes_when_something_comes_in(jo):
    before = found("jo.f@example.org").fingerprint
    assert found("jo.f@example.org").fingerprint == before
    with database.transaction():
        enquire(name="Jo Fictional", email="jo.f@example.org", nonce="jo-2")
    assert found("jo.f@example.org").fingerprint != before


def test_a_link_tells_nobody_whose_it_is_and_leads_to_them(app):
    identities = (parse("jo.f@example.org"), parse("0491 570 156"))
    token = links.token_of(identities)
    assert links.read(token) == identities
    assert links.token_of(identities) != token
    assert b"example" not in urlsafe_b64decode(token + "=" * (-len(token) % 4))


def test_a_link_ends_after_a_day_and_none_can_be_forged(app):
    with time_machine.travel("2026-11-20T12:00:00Z"):
        token = links.token_of([parse("jo.f@example.org")])
    with time_machine.travel("2026-11-21T13:00:00Z"), pytest.raises(address_tokens.TokenEnded):
        links.read(token)
    for forged in ("", "x", token[:-2] + "AA", "é", "a" * 10_000):
        with pytest.raises(address_tokens.NoSuchToken):
            links.read(forged)


def test_hashes_of_people_need_the_sites_key(app, monkeypatch):
    before = digest(parse("jo.f@example.org"))
    assert digest(parse("JO.F@example.org")) == before
    monkeypatch.setitem(app.config, "SECRET_KEY", "another key of forty characters or so...")
    assert digest(parse("jo.f@example.org")) != before
