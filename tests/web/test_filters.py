"""How templates write what they are given."""

from datetime import timedelta

import pytest
import time_machine

from clinic_app import clock
from clinic_app.web.filters import once_over, price
from tests.databases import ON_EITHER

pytestmark = ON_EITHER


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(minutes=10), "in a few minutes"),
        (timedelta(minutes=40), "in an hour or so"),
        (timedelta(hours=1), "in an hour or so"),
        (timedelta(hours=3), "later today"),
        (timedelta(hours=20), "tomorrow at this time"),
        (timedelta(days=1), "tomorrow at this time"),
        (timedelta(days=30), "after Wed 23 Dec"),
    ],
)
def test_whoever_has_to_wait_hears_for_about_how_long(app, left, told):
    with time_machine.travel("2026-11-23 12:00+11:00", tick=False):
        assert once_over(clock.now() + left) == told


@pytest.mark.parametrize(
    ("currency", "cents", "told"),
    [
        ("$", 9500, "$95"),
        ("$", 9550, "$95.50"),
        ("$", 123_456, "$1,234.56"),
        ("£", 9500, "£95"),
        ("CHF", 9500, "CHF\N{NO-BREAK SPACE}95"),
    ],
)
def test_prices_are_told_in_the_clinics_currency(app, with_settings, currency, cents, told):
    with_settings(currency=currency)
    assert price(cents) == told
