"""References that can be read out over the phone."""

from hypothesis import given
from hypothesis import strategies as st

from clinic_app.enquiries import references


def test_a_reference_is_nine_digits_in_threes():
    reference = references.new()
    assert len(reference) == 9
    assert references.shown("482173096") == "482-173-096"
    assert references.parse(references.shown(reference)) == reference


def test_spaces_and_dashes_do_not_matter():
    reference = references.new()
    assert references.parse(f" {reference[:3]} {reference[3:6]}-{reference[6:]} ") == reference


@given(st.integers(0, 8), st.integers(1, 9))
def test_any_one_wrong_digit_is_noticed(place, by):
    reference = references.new()
    wrong = str((int(reference[place]) + by) % 10)
    assert references.parse(reference[:place] + wrong + reference[place + 1 :]) is None


@given(st.text())
def test_any_text_at_all_can_be_parsed(text):
    parsed = references.parse(text)
    assert parsed is None or len(parsed) == 9
