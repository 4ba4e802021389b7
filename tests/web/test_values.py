"""Fields whose text stands for a value."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import Form

from clinic_app.web.values import DayField, PriceField, WholeNumberField
from tests.databases import ON_EITHER

pytestmark = ON_EITHER


class Sample(Form):
    day = DayField("Day", noun="the day")
    minutes = WholeNumberField("Minutes", noun="the minutes", low=5, high=720)
    price = PriceField("Price", noun="the price")
    gap = WholeNumberField("Gap", noun="the gap", low=0, high=240, optional=True)


GOOD = {"day": "2026-11-24", "minutes": "30", "price": "$95.5", "gap": ""}


def sample(**changes) -> Sample:
    form = Sample(MultiDict(GOOD | changes))
    form.validate()
    return form


def test_texts_become_values(app):
    form = sample(gap=" 0 ", price="0")
    assert not form.errors
    assert form.data == {"day": date(2026, 11, 24), "minutes": 30, "price": 0, "gap": 0}
    assert sample().data["price"] == 9550 and sample().data["gap"] is None


@pytest.mark.parametrize(
    ("field", "typed", "wrong"),
    [
        ("day", "", "Enter the day"),
        ("day", "24/11/2026", "Enter the day as a date, like 2026-11-24"),
        ("day", "0001-01-01", "Enter the day as a date, like 2026-11-24"),
        ("minutes", "", "Enter the minutes"),
        ("minutes", "4", "Enter the minutes as a whole number from 5 to 720"),
        ("minutes", "٣٠", "Enter the minutes as a whole number from 5 to 720"),
        ("minutes", "9" * 5000, "Enter the minutes as a whole number from 5 to 720"),
        ("price", "", "Enter the price"),
        ("price", "95,50", "Enter the price as a number, like 95.00"),
        ("price", "1.005", "Enter the price as a number, like 95.00"),
        ("price", "-1", "Enter the price as a number, like 95.00"),
        ("price", "20000001", "Enter the price as a number, like 95.00"),
        ("gap", "some", "Enter the gap as a whole number from 0 to 240"),
    ],
)
def test_what_stands_for_no_value_is_refused_once_and_kept(app, field, typed, wrong):
    form = sample(**{field: typed})
    assert form.errors == {field: [wrong]}
    assert f'value="{typed}"' in form[field]()


def test_a_price_may_be_typed_with_the_clinics_currency(app, with_settings):
    with_settings(currency="£")
    assert sample(price="£ 95").data["price"] == 9500
    assert sample(price="$95").errors == {"price": ["Enter the price as a number, like 95.00"]}


def test_a_price_may_be_one_of_a_currency_of_small_units(app, with_settings):
    with_settings(currency="₫")
    assert sample(price="20000000").data["price"] == 2_000_000_000


def test_a_value_is_shown_as_its_text(app):
    form = Sample(data={"day": date(2026, 1, 2), "minutes": 45, "price": 12005, "gap": None})
    assert [field._value() for field in form] == ["2026-01-02", "45", "120.05", ""]
    assert 'type="date"' in form.day()
