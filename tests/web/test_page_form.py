"""What reaches a form of ours: what its page sends, whatever else a program sends."""

from io import BytesIO

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import FileField, HiddenField

from clinic_app.web.fields import LineField
from clinic_app.web.page_form import PageForm


class Form(PageForm):
    name = LineField("Name")
    nonce = HiddenField()
    picture = FileField("Picture")


def sent(app, **what) -> Form:
    with app.test_request_context("/contact", method="POST", **what):
        return Form()


def test_a_file_reaches_only_a_field_that_takes_one(app):
    files = {name: (BytesIO(b"x"), "x.png") for name in ("name", "nonce", "picture")}
    form = sent(app, data=files)
    assert (form.name.data, form.nonce.data) == ("", None)
    assert form.picture.data.filename == "x.png"


def test_text_beside_a_file_is_read(app):
    form = sent(app, data={"nonce": "n-1", "picture": (BytesIO(b"x"), "x.png")})
    assert form.nonce.data == "n-1"


@pytest.mark.parametrize("text", ["[1]", '"x"', "[[1, 2, 3]]", '{"nonce": 7}', "{"])
def test_json_is_no_form(app, text):
    form = sent(app, data=text, content_type="application/json")
    assert form.nonce.data is None


def test_what_is_given_in_code_is_read_as_it_is(app):
    with app.test_request_context("/contact", method="POST", data={"nonce": "sent"}):
        assert Form(formdata=MultiDict({"nonce": "given"})).nonce.data == "given"
        assert Form(formdata=None).nonce.data is None


def test_visitors_who_send_json_get_the_form_back(client):
    assert client.post("/contact", data="[1]", content_type="application/json").status_code == 200
