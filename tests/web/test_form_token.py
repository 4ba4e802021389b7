"""The tokens that forms carry."""

from datetime import timedelta

import pytest
import time_machine

from clinic_app import clock
from clinic_app.privacy_notice import privacy_notice
from clinic_app.web import form_token


def test_a_token_tells_one_form_from_the_next_and_how_long_it_took(app):
    with time_machine.travel(clock.now().replace(microsecond=0), tick=False) as clocked:
        texts = [form_token.new(), form_token.new()]
        clocked.shift(timedelta(minutes=2))
        one, other = map(form_token.read, texts)
    assert one.nonce != other.nonce
    assert one[1:] == other[1:] == (120, privacy_notice().version)


@pytest.mark.parametrize("forge", [lambda text: "", lambda text: "made up", lambda text: text[:-1], str.upper])
def test_a_forged_token_has_no_age_and_still_tells_forms_apart(app, forge):
    text = forge(form_token.new())
    assert form_token.read(text) == (text, None, privacy_notice().version)
