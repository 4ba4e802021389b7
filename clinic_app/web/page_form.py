"""The base of all forms of ours: it reads what a form of a page sends, and nothing else that can be sent."""

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import FileField


class InPageOrder:
    """A form whose fields, and what is wrong with them, stand in the order of the page: those of the classes that
    it extends first, but for the one that it `begins_with`."""

    begins_with: str | None = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.begins_with:
            self._fields.move_to_end(self.begins_with, last=False)


class PageForm(InPageOrder, FlaskForm):
    """A form without a token: other sites' posts are refused before any form is read; see web.guards."""

    class Meta:
        csrf = False

        def wrap_formdata(self, form, formdata):
            """What was sent; a file only for a field that takes one: the others would read it as their text."""
            # Flask-WTF reads JSON too, which no page of ours sends, and fails at what is no object.
            sent = None if request.is_json else super().wrap_formdata(form, formdata)
            if sent is None:
                return None
            files = {field.name for field in form if isinstance(field, FileField)}
            pairs = sent.items(multi=True)
            return MultiDict((name, value) for name, value in pairs if isinstance(value, str) or name in files)
