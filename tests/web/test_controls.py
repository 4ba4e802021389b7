"""Fields of text as HTML."""

import pytest
from markupsafe import Markup
from wtforms import Form, StringField, TextAreaField
from wtforms.widgets import html_params

from clinic_app.web.controls import attributes
from clinic_app.web.fields import AtMost, LineField, Required, TextField

TEXTS = ["", "a \"b\" <c> & 'd'", Markup('a "b"'), "\n\nbelow two empty lines", "</textarea><b>"]


@pytest.mark.parametrize("text", TEXTS)
def test_attributes_are_written_as_wtforms_writes_them(text):
    given = {"title": text, "class_": "control", "aria_label": text, "required": True, "hidden": False, "rows": 7}
    assert attributes(**given) == html_params(**given)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("ours", "theirs"), [(LineField, StringField), (TextField, TextAreaField)])
def test_fields_are_written_as_wtforms_writes_them(text, ours, theirs):
    class Both(Form):
        mine = ours("Name", [Required("a name"), AtMost(9, "it")])
        other = theirs("Name", [Required("a name"), AtMost(9, "it")], name="mine", id="mine")

    form = Both(data={"mine": text, "other": text})
    assert form.mine(dir="auto") == form.other(dir="auto")
