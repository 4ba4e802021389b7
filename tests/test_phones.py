"""Phone numbers as links and examples."""

import phonenumbers
import pytest

from clinic_app import phones
from clinic_app.config import Settings


@pytest.mark.parametrize(
    ("country", "phone", "link"),
    [
        ("AU", "02 5550 0142", "tel:0255500142"),
        ("AU", "+61 2 5550 0142", "tel:+61255500142"),
        ("AU", "13 11 26", "tel:131126"),
        ("GB", "+44 (0)20 7946 0018", "tel:+442079460018"),
        ("AU", "+44 (0)20 7946 0018", "tel:+442079460018"),
        ("GB", "(020) 7946 0018", "tel:+442079460018"),
        ("AU", "02 5550 0142 ext 5", "tel:+61255500142"),
        ("AU", "1800 RUNNER", "tel:+611800786637"),
        ("AU", "(0) 2", "tel:02"),
        ("AU", "", "tel:"),
    ],
)
def test_the_link_to_the_clinics_phone_dials_what_is_written(country, phone, link):
    assert Settings(country=country, phone=phone).phone_href == link


@pytest.mark.parametrize(
    "phone", ["02 5550 0142", "(02) 5550-0142", "13 11 26", "1800 RUNNER", "+44 (0)20 7946 0018"]
)
def test_a_number_as_people_write_it_can_be_dialled(phone):
    assert phones.can_be_dialled(phone, "AU")


@pytest.mark.parametrize("phone", ["", "abc", "12", "+()", "02 5550 0142 or 0491 570 006", "1" * 16])
def test_what_no_phone_could_dial_is_no_number(phone):
    assert not phones.can_be_dialled(phone, "AU")


@pytest.mark.parametrize(
    ("number", "country", "written"),
    [
        ("+61491570006", "AU", "0491 570 006"),
        ("+447700900123", "GB", "07700 900123"),
        ("+15035550134", "US", "(503) 555-0134"),
        ("+61491570006", "US", "011 61 491 570 006"),
    ],
)
def test_a_number_is_written_as_one_dials_it_in_the_country(number, country, written):
    assert phones.dialled(number, country) == written


@pytest.mark.parametrize("country", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_each_country_has_an_example_that_its_own_forms_take(country):
    at_home, from_abroad = phones.example(country)
    assert phones.parse(at_home, country) == phones.parse(from_abroad, country) is not None
    assert from_abroad.startswith("+")


@pytest.mark.parametrize("country", phones.FICTIONAL)
def test_fictional_numbers_are_of_their_country(country):
    number = phonenumbers.parse(phones.FICTIONAL[country])
    assert phonenumbers.is_valid_number_for_region(number, country)
