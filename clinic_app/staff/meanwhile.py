"""Forms of what stands already: nobody saves over what somebody else has saved meanwhile without seeing it."""

from wtforms import BooleanField, Field, HiddenField
from wtforms.fields.choices import SelectFieldBase

from .. import secret_key
from ..web.values import ValueField
from .forms import StaffForm


class SavedMeanwhile(Exception):
    """Somebody else has changed what the form changes. Nothing is saved; the form tells the `differences`."""


class ChangeForm(StaffForm):
    """A form that opens with what stands; `shown` tells, when it is sent, what that was.

    `differences` are (label, what stands, what is typed), where the one is to be seen before the other is saved.
    """

    shown = HiddenField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.differences: list[tuple[str, str, str]] = []
        if not self.shown.data:
            told = {field.name: field.object_data for field in self._told()}
            self.shown.data = secret_key.digest(repr([(name, _in_order(told[name])) for name in sorted(told)]))

    def refuse_outdated(self, now: "ChangeForm") -> None:
        """Raise SavedMeanwhile where `now`, the form of what stands, is neither what was shown nor what is typed.

        Ask in the transaction that saves. What it raises for once counts as shown from then on.
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
