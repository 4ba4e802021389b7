"""Forms about one testimonial, and the one that brings many in."""

from wtforms import BooleanField, FileField, HiddenField, IntegerField
from wtforms.widgets import HiddenInput

from ...people.models import OF_TESTIMONIALS
from ...web.fields import AtMost, LineField, Required, TextField
from ...web.values import DayField
from ..forms import StaffForm
from ..people.forms import ErasingForm as PersonErasingForm

NOTE_LENGTH = 2_000


class SeenForm(StaffForm):
    """A form that knows what its page showed: `seen` is the last decision that stood there."""

    seen = IntegerField(widget=HiddenInput())


class DecisionForm(SeenForm):
    """A decision, made by its button."""

    note = TextField("Note (optional)", [AtMost(NOTE_LENGTH, "the note")])


class ConsentForm(SeenForm):
    """The person agreed to be quoted."""

    day = DayField("When", noun="the day on which they agreed")
    how = LineField("How", [Required("how they agreed"), AtMost(200, "how they agreed")])


class WithdrawalForm(StaffForm):
    """The person no longer wants to be quoted."""

    note = TextField("Note (optional)", [AtMost(NOTE_LENGTH, "the note")])


class CorrectionForm(SeenForm):
    """What stands under the words, which themselves never change."""

    name = LineField("Name shown", [Required("the name"), AtMost(200, "the name")])
    day = DayField("Date shown", noun="the date")


class ErasingForm(PersonErasingForm):
    """Why a testimonial is erased: less than is asked of a person. `seen` is a fingerprint here, as there."""

    kind = checked = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.reason.choices = [choice for choice in self.reason.choices if choice.value in OF_TESTIMONIALS]


class ImportForm(StaffForm):
    """A file as it is chosen, or as an earlier step of the form carries it."""

    file = FileField("CSV file")
    carried = HiddenField()
    file_name = HiddenField()
    skip_bad = BooleanField("Leave the bad rows out and bring in the others")
