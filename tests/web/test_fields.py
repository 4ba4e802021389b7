"""What fields make of what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import Form

from clinic_app.web.fields import (
    AtMost,
    EmailAddress,
    LineField,
    PhoneField,
    PhoneNumber,
    Required,
    TextField,
    clean_line,
    clean_text,
)


class ExampleForm(Form):
    name = LineField("Name", [Required("your full name"), AtMost(20, "your name")])
    email = LineField("Email", [EmailAddress()])
    phone = PhoneField("Phone", [PhoneNumber()])
    message = TextField("Message")


def filled(**data):
    form = ExampleForm(MultiDict({"name": "Robin Sample"} | data))
    form.validate()
    return form


def test_messages_are_built_from_nouns(app):
    assert filled(name="  ").name.errors == ["Enter your full name"]
    assert filled(name="x" * 23).name.errors == ["Shorten your name: it is 3 over the limit of 20 characters"]


@pytest.mark.parametrize(
    "typed", ["\u200b\u2060", "\u00ad", "\u3164", "\u115f \uffa0", "\u2800", "\u0301", "\ufe0f"]
)
def test_a_text_in_which_there_is_nothing_to_see_is_no_text(app, typed):
    assert filled(name=typed).name.errors == ["Enter your full name"]


@pytest.mark.parametrize("typed", ["李", "O", "5", "—", "🙂", "👩🏽‍⚕️", "\u200fسلام"])
def test_one_letter_or_sign_is_enough(app, typed):
    assert filled(name=typed).name.errors == []


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("02 5550 0142", "+61255500142"),
        ("(02) 5550-0142", "+61255500142"),
        ("0491 570 006", "+61491570006"),
        ("+61 491 570 006", "+61491570006"),
        ("+44 20 7946 0123", "+442079460123"),
        ("", ""),
    ],
)
def test_a_phone_number_becomes_e164(app, typed, stored):
    form = filled(phone=typed)
    assert (form.phone.errors, form.phone.data) == ([], stored)


@pytest.mark.parametrize("typed", ["call me", "123", "+61", "02 5550 0142 02 5550 0142"])
def test_what_is_no_phone_number_is_refused_and_kept(app, typed):
    form = filled(phone=typed)
    assert form.phone.data == typed
    assert "Enter a phone number, like" in form.phone.errors[0]


def test_a_form_that_comes_back_has_the_number_as_it_was_typed(app):
    form = filled(name="", phone="0491570156")
    assert form.phone.data == "+61491570156"
    assert 'value="0491570156"' in form.phone()


@pytest.mark.parametrize("typed", ["0491 570 006 ext 5", "02 5550 0142 x5", "+61 2 5550 0142 #12"])
def test_an_extension_is_refused_rather_than_lost(app, typed):
    form = filled(phone=typed)
    assert form.phone.data == typed
    assert form.phone.errors == [PhoneNumber.without_extension]


@pytest.mark.parametrize(
    ("country", "told"),
    [
        ("AU", "like (02) 5550 0142, or with the country code, like +61 2 5550 0142"),
        ("GB", "like 020 7946 0142, or with the country code, like +44 20 7946 0142"),
        ("US", "like (202) 555-0142, or with the country code, like +1 202-555-0142"),
        ("NZ", "like 03 234 5678, or with the country code, like +64 3 234 5678"),
    ],
)
def test_the_example_of_a_phone_number_is_of_the_clinics_country(app, with_settings, country, told):
    with_settings(country=country)
    (error,) = filled(phone="call me").phone.errors
    assert error.replace("\xa0", " ") == f"Enter a phone number, {told}"


@pytest.mark.parametrize("typed", ["robin", "robin@", "a@b@example.org", "robin@example..org", "a b@example.org"])
def test_what_is_no_address_is_refused_and_kept(app, typed):
    form = filled(email=typed)
    assert form.email.data == typed
    assert "Enter an email address in the correct format" in form.email.errors[0]


@pytest.mark.parametrize("typed", ["küt@mail.example.org", "用户@example.org"])
def test_an_address_that_mail_cannot_reach_is_refused_and_kept(app, typed):
    form = filled(email=typed)
    assert form.email.data == typed
    assert form.email.errors == [EmailAddress.not_plain]


def test_an_address_is_normalised(app):
    assert filled(email="jo@bücher.example.org").email.data == "jo@xn--bcher-kva.example.org"
    assert filled(email=" Robin@EXAMPLE.org ").email.data == "Robin@example.org"


def test_a_message_keeps_its_lines_emoji_and_scripts():
    assert clean_text("  One\r\ntwo\rthree 👩🏽‍⚕️ “quoted” سلام\n") == "One\ntwo\nthree 👩🏽‍⚕️ “quoted” سلام"


@given(st.text())
def test_no_line_break_or_control_character_survives_in_a_line(text):
    line = clean_line(text)
    assert len(line.splitlines()) <= 1
    assert not any(ord(c) < 32 or 0x7F <= ord(c) <= 0x9F for c in line)
    assert clean_line(line) == line


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)
