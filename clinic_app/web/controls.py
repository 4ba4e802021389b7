"""How fields of text are written in HTML: as WTForms writes them, which makes safe text of each attribute, and so
takes a quarter of the time of a page with a form."""

from markupsafe import Markup, escape
from wtforms import widgets
from wtforms.widgets.core import clean_key


def attributes(**given) -> str:
    """`autocomplete="name" id="name" required`: in order, escaped; what is False is left out."""
    named = sorted((clean_key(name), value) for name, value in given.items() if value is not False)
    return " ".join(name if value is True else f'{name}="{_quoted(value)}"' for name, value in named)


def _quoted(value) -> str:
    """Safe between quotes, even if it is safe text already."""
    return str(escape(value)).replace('"', "&quot;")


class Line(widgets.TextInput):
    """One line."""

    html_params = staticmethod(attributes)


class Lines(widgets.TextArea):
    """Several lines."""

    def __call__(self, field, **given):
        flags = {name: value for name, value in vars(field.flags).items() if name in self.validation_attrs}
        written = attributes(**{"id": field.id, "name": field.name} | flags | given)
        # A line break after the tag is no part of the text, whose own first one would be lost without it.
        return Markup(f"<textarea {written}>\r\n{escape(field._value())}</textarea>")  # noqa: S704  both are escaped
