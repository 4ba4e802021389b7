"""The forms beside an enquiry, and the one of reply templates."""

from wtforms import HiddenField, SelectField, SubmitField
from wtforms.validators import ValidationError

from ...enquiries.replies import REPLY_LENGTH
from ...enquiries.reply_templates import GAPS, NAME_LENGTH, TEXT_LENGTH, unknown_gaps
from ...lists.keyset import row_number
from ...web.fields import AtMost, LineField, Required, TextField
from ..forms import OnceForm, StaffForm
from ..meanwhile import ChangeForm

NOBODY = "nobody"
NOTE_LENGTH = 5_000


class ReplyForm(OnceForm):
    """A reply; `insert` asks for a template's text instead of sending it, `seen` is the last line on the page."""

    seen = HiddenField()
    reply = TextField("Your reply", [Required("your reply"), AtMost(REPLY_LENGTH, "your reply")])
    send_and_close = SubmitField("Send and close")
    insert = SubmitField("Insert")

    def last_seen(self) -> int | None:
        """The number of that line, 0 where there was none."""
        return row_number(self.seen.data or "")


class NoteForm(OnceForm):
    """A note, or what was said on the phone."""

    note = TextField("Note", [Required("your note"), AtMost(NOTE_LENGTH, "your note")])
    keep_as_call = SubmitField("Save as a phone call")


class AssignForm(StaffForm):
    """Who is to look after an enquiry; `instead_of` is the number of who does on the page, 0 for nobody."""

    instead_of = HiddenField()
    owner = SelectField("Who looks after it")

    def __init__(self, *args, people=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.owner.choices = [(NOBODY, "Nobody"), *((str(person.id), person.name) for person in people)]

    def known_owner(self) -> int | None:
        """That number."""
        return row_number(self.instead_of.data or "")


class TemplateForm(ChangeForm):
    """A reply template."""

    name = LineField("Name", [Required("a name"), AtMost(NAME_LENGTH, "the name")])
    text = TextField(
        "Text",
        [Required("the text"), AtMost(TEXT_LENGTH, "the text")],
        description="Filled in for each enquiry: the sender’s {name}, {reference}, the {clinic} and its {phone}.",
    )

    def validate_text(self, field: TextField) -> None:
        if unknown := unknown_gaps(field.data):
            known = " or ".join(", ".join(f"{{{gap}}}" for gap in GAPS).rsplit(", ", 1))
            raise ValidationError(f"{', '.join(unknown)} would not be filled in. Use {known}")
