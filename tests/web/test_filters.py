"""How templates write what they are given."""

from datetime import date, time, timedelta

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


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("when", "Tue~24~Nov, 9:30~am"),
        ("in_full", "Tuesday 24~November 2026, 9:30~am AEDT"),
        ("day", "Tue~24~Nov 2026"),
        ("day_and_month", "Tue~24~Nov"),
        ("clock_time", "9:30~am"),
    ],
)
def test_times_and_days_stay_whole_in_pages_and_have_blanks_in_plain_text(app, how, told):
    at = clock.instant_of(date(2026, 11, 24), time(9, 30))
    in_html = f"{{{{ at|{how} }}}}"
    both = app.jinja_env.from_string(f"{in_html}/{{% autoescape false %}}{in_html}{{% endautoescape %}}")
    assert both.render(at=at).split("/") == [told.replace("~", "\N{NO-BREAK SPACE}"), told.replace("~", " ")]
