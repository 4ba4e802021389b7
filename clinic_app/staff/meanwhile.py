"""Forms of what stands already: nobody saves over what somebody else has saved meanwhile without seeing it."""

from wtforms import BooleanField, Field, HiddenField
from wtforms.fields.choices import SelectFieldBase

from ..keys import secret_key
from ..web.values import ValueField
from .forms import StaffForm


class SavedMeanwhile(Exception):
    """Somebody else has changed what the form changes. Nothing is saved; the form tells the `differences`."""


class ChangeForm(StaffForm):
    """A form that opens with what stands. It carries a digest of that in `shown`, to be compared when it is sent.

    `differences` are (label, what stands, what is typed): they are shown where somebody else has saved meanwhile.
    """

    shown = HiddenField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.differences: list[tuple[str, str, str]] = []
        if not self.shown.data:
            told = {field.name: field.object_data for field in self._told()}
            self.shown.data = secret_key.digest(repr([(name, _in_order(told[name])) for name in sorted(told)]))

    def refuse_outdated(self, now: "ChangeForm") -> None:
        """Raise SavedMeanwhile where somebody else has saved since the form was opened, and not what is typed.

        `now` is the same form, made of what stands now: ask in the transaction that saves. When the form is sent
        again, what stood then counts as shown.
        """
        both = [(field.label.text, _in_words(now[field.name]), _in_words(field)) for field in self._told()]
        differences = [each for each in both if each[1] != each[2]]
        if differences and self.shown.data != now.shown.data:
            self.shown.data, self.differences = now.shown.data, differences
            raise SavedMeanwhile

    def _told(self) -> list[Field]:
        return [field for field in self if not isinstance(field, HiddenField)]


def _in_order(value):
    return sorted(value) if isinstance(value, list) else value


def _in_words(field: Field) -> str:
    if isinstance(field, BooleanField):
        return "yes" if field.data else "no"
    if isinstance(field, SelectFieldBase):
        return ", ".join(choice.label for choice in field.iter_choices() if choice.selected)
    if isinstance(field, ValueField):
        return "" if field.data is None else field.write(field.data)
    return field.data or ""
