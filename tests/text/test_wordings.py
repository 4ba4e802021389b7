"""Looking for wordings, whatever the text is."""

import time

import pytest

from clinic_app.blog.claims import CLAIMS
from clinic_app.testimonials.compliance import ADVERTISING


@pytest.mark.parametrize("wordings", [ADVERTISING, CLAIMS], ids=["testimonials", "posts"])
def test_a_long_number_is_as_little_work_as_a_long_word(wordings):
    """In processor time, in the same breath."""
    list(wordings.find("1 a"))  # loads what it needs
    spent = []
    for character in "1a":
        began = time.process_time()
        assert not list(wordings.find(character * 10_000))
        spent.append(time.process_time() - began)
    assert spent[0] < 10 * spent[1]


def test_a_number_is_found_whole():
    assert [found.words for found in CLAIMS.find("Now 100% off, or 250 % off")] == ["100% off", "250 % off"]
