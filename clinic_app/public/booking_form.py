"""The form that asks who comes."""

from flask import current_app
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from .. import clock
from ..booking import reminders
from ..booking.appointments import Patient
from ..booking.refusals import OtherTerms
from ..enquiries.spam import ADDRESS
from ..web import form_token
from ..web.fields import AtMost, TextField
from ..web.visitor_form import VisitorForm
from .choice import Choice

NOTE_LENGTH = 500
# What comes by email beside a confirmation: (a reminder, a link to change it).
ALSO = {
    (True, True): ", a reminder, and a link to move or cancel",
    (True, False): " and a reminder",
    (False, True): " and a link to move or cancel",
    (False, False): "",
}


class DetailsForm(VisitorForm):
    """Who comes, as they tell us; `patient` is what we make of it."""

    visits = RadioField(
        "Have you been to see us before?",
        choices=[SelectChoice("new", "No, this will be my first visit"), SelectChoice("returning", "Yes")],
        validate_choice=False,
    )
    note = TextField(
        "A note for us (optional)",
        [AtMost(NOTE_LENGTH, "your note")],
        description="Please leave out medical details. We talk about those in the room.",
    )
    terms = HiddenField()  # as the patient was told them; see Choice.terms

    def validate(self, extra_validators=None) -> bool:
        valid = super().validate(extra_validators)
        if self.leave_empty.data:
            # Filled in by a program, or by a browser that means well: whoever presses again gets through.
            self.leave_empty.data = ""
            self.form_errors.append(
                f"Please press the button once more, or call us on {current_app.config['CLINIC'].phone}"
            )
            valid = False
        return valid

    def validate_name(self, field):
        if ADDRESS.search(field.data):  # the confirmation carries the name, to whichever address was typed
            raise ValidationError("Enter your name without a web address")

    def validate_visits(self, field):
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError("Choose whether you’ve been to see us before")

    def promise(self, chosen: Choice) -> None:
        """Say beside the email address what it gets, as far as the time that was chosen leaves room for it."""
        is_reminded = reminders.will_come(chosen.starts_at, told_at=clock.now())
        also = ALSO[is_reminded, chosen.can_be_changed]
        self.email.description += f" We’ll email you a confirmation{also}."

    def agree(self, chosen: Choice) -> None:
        """Raises OtherTerms for ones that the patient was not told; the form tells them, and holds them then."""
        told, self.terms.data = self.terms.data, chosen.terms
        if told and told != chosen.terms:
            raise OtherTerms

    @property
    def nonce(self) -> str | None:
        """What tells this form from any other; None for a token that is not ours."""
        token = form_token.read(self.token.data)
        return token.nonce if token.age is not None else None

    def patient(self) -> Patient:
        return Patient(
            name=self.name.data,
            email=self.email.data or None,
            phone=self.phone.data or None,
            is_new=self.visits.data == "new",
            note=self.note.data,
            notice_version=form_token.read(self.token.data).notice_version,
        )
