"""A person's file: everything that is held, to read and for machines, and nothing that only we should know."""

import email
import json
import zipfile
from email import policy

import pytest
from sqlalchemy import JSON, String

from clinic_app import database
from clinic_app.booking import appointments, lineup, requests
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.keys.encryption import SealedText, SealedWords
from clinic_app.people import export, finding, words
from clinic_app.people.identities import parse
from tests.reading import parsed, text_of

from ..booking.conftest import MONDAY, TUESDAY
from .conftest import JO, WORDS

# Numbers that only programs use, beside those of other rows, such as `service_id`: the page has no words for them.
NUMBERS = {"id", "kind", "uid", "sequence", "spam_score"}


@pytest.fixture
def archive(jo, lee):
    person = finding.find([parse("jo.f@example.org"), parse("0491 570 156")])
    with export.write(person) as file, zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        yield archive


def details(archive):
    return json.loads(archive.read("details.json"))


def test_what_is_held_is_all_there_and_nobody_elses(archive):
    found = details(archive)
    assert found["known_by"] == ["jo.f@example.org", "+61491570156"]
    assert [len(found[name]) for name in ("enquiries", "appointments", "mails")] == [1, 2, 15]
    (enquiry,) = found["enquiries"]
    assert enquiry["message"] == "I fell off a trapeze."
    assert [entry["kind"] for entry in enquiry["thread"]] == ["note", "call", "reply", "reply"]
    moved, kept = found["appointments"]
    assert (moved["practitioner"], moved["service"], moved["status"]) == ("Robin Sample", "Follow-up", "cancelled")
    assert [change["kind"] for change in moved["history"]] == ["booked", "moved", "cancelled"]
    assert {change["practitioner"] for change in moved["history"]} == {"Robin Sample"}
    assert "cancel_reason" not in moved["history"][-1]
    assert kept["starts_at"] == "2026-11-23T11:00:00+11:00"
    everything = json.dumps(found).lower()
    assert [word for word in WORDS if word not in everything] == []
    assert "lee" not in everything


def test_secrets_and_keys_of_ours_are_left_out(archive):
    everything = archive.read("details.json").decode()
    for name in ("token_hash", "nonce", "form_key", "message_digest", "email_key"):
        assert f'"{name}"' not in everything


def test_the_page_can_be_read_and_loads_nothing(archive):
    page = parsed(archive.read("read-me.html"))
    assert page.h1.text == "Your details at Westside Sports Chiro"
    words = page.text.lower()
    assert all(word in words for word in ("i fell off a trapeze", "my kneecap clicks", "walrus", "hamstring"))
    assert "Monday 23 November 2026, 11:00 am AEDT" in text_of(page)
    assert not page.find_all(["script", "link", "img"])


def test_the_page_is_in_words_with_units(archive):
    page = parsed(archive.read("read-me.html"))
    told = {(term.text, term.find_next("dd").text) for term in page.find_all("dt")}
    assert told >= {
        ("Price when it was made", "$85"),
        ("Phone number", "0491 570 156"),
        ("First visit", "yes"),
        ("How it stands", "you came"),
        ("Made by", "you"),
        ("Cancelled by", "us"),
        ("How it stands", "answered"),
        ("How it stands", "waits to be sent"),
    }
    assert not [term.text for term in page.find_all("dt") if "_" in term.text or term.text.endswith(" at")]
    assert "Phone call" in [heading.text for heading in page.find_all("h3")]


def test_whatever_is_given_out_has_a_name_in_words_or_is_a_number_of_ours(archive):
    found = details(archive)
    records = [record for name in ("enquiries", "appointments", "mails") for record in found[name]]
    records += [part for record in records for part in record.get("thread", []) + record.get("history", [])]
    names = {name for record in records for name in record} - {"thread", "history"}
    assert {name for name in names - NUMBERS if not name.endswith("_id")} == set(words.LABELS)


def test_the_times_that_were_offered_are_given_out_in_words(clinic, at, noon):
    def told(who):
        ten, eleven = (f"Tuesday 24 November 2026, {hour}:00 am AEDT with {who}" for hour in (10, 11))
        with export.write(finding.find([parse(JO.email)])) as file, zipfile.ZipFile(file) as archive:
            return f"Times offered {ten} or {eleven}" in text_of(parsed(archive.read("read-me.html")))

    with database.transaction():
        made = appointments.book(service=clinic.check, starts_at=at(MONDAY, "09:00"), patient=JO)
        requests.offer(made, times=[(clinic.kit, at(TUESDAY, "10:00")), (clinic.kit, at(TUESDAY, "11:00"))])
    assert told("Kit Example")
    with database.transaction():
        requests.decline(made)
        lineup.remove(clinic.kit)
    assert told("somebody who has left")


def test_each_mail_opens_in_a_mail_program(archive):
    names = [name for name in archive.namelist() if name.startswith("mails/")]
    assert sorted(names) == sorted(mail["file"] for mail in details(archive)["mails"])
    for name in names:
        mail = email.message_from_bytes(archive.read(name), policy=policy.default)
        assert mail["To"]
        assert mail.get_body(("plain",)).get_content()


def test_whoever_of_staff_got_a_notice_keeps_their_address_to_themselves(archive):
    assert {mail["to"] for mail in details(archive)["mails"]} == {"Jo.F@example.org", "hello@clinic.example"}
    assert not [name for name in archive.namelist() if b"robin@example.org" in archive.read(name)]


def test_the_privacy_notice_that_was_seen_is_there(archive):
    (version,) = {enquiry["privacy_version"] for enquiry in details(archive)["enquiries"]}
    page = archive.read(f"privacy-notices/{version}.html").decode()
    assert "What we collect" in page


def test_the_files_name_says_nothing_of_the_person(jo):
    assert export.file_name() == "personal-details-2026-11-24.zip"


def test_a_person_of_whom_nothing_is_held_gets_an_empty_file(app):
    with export.write(finding.find([parse("nobody@example.org")])) as file, zipfile.ZipFile(file) as archive:
        assert details(archive)["enquiries"] == []
        assert "None." in archive.read("read-me.html").decode()


def test_words_cannot_become_markup_in_the_page(jo):
    with database.transaction() as session:
        session.get(Enquiry, jo.enquiry).message = "<script>alert(1)</script>"
    with export.write(finding.find([parse("jo.f@example.org")])) as file, zipfile.ZipFile(file) as archive:
        assert "<script>" not in archive.read("read-me.html").decode()


# Columns that hold words, of the tables that hold something of patients. Whoever adds one decides here what
# becomes of it: its domain's `privacy` module gives it out and erases it, or it holds nothing of a person.
KNOWN = {
    "enquiries": "reference form_key name email email_key phone topic message privacy_version state spam_reasons "
    "message_digest",
    "enquiry_entries": "kind text author_name form_key",
    "enquiry_words": "words",
    "appointments": "uid status name email email_key phone note notice_version token_hash nonce made_by override "
    "cancelled_by cancel_reason",
    "appointment_changes": "what done_by member_name before after mail_ids given_up_ids undone_by",
    "mail_outbox": "event name about_kind to_name to_address reply_to_name reply_to_address message_id subject "
    "text_body html_body calendar_method calendar_text state last_error claim",
}


@pytest.mark.parametrize("table", KNOWN)
def test_no_column_with_words_of_patients_is_forgotten(table):
    columns = {
        c.name
        for c in db.metadata.tables[table].columns
        if isinstance(c.type, String | JSON | SealedText | SealedWords)
    }
    assert columns == set(KNOWN[table].split())
