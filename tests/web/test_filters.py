"""How templates write what they are given."""

from datetime import timedelta

import pytest
import time_machine

from clinic_app import clock
from clinic_app.web.filters import once_over


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
