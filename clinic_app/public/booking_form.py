"""The form that asks who comes."""

from flask import current_app
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from ..booking.appointments import Patient
from ..web import form_token
from ..web.fields import AtMost, EmailAddress, LineField, PhoneNumber, Required, TextField

NOTE_LENGTH = 500


class DetailsForm(FlaskForm):
    """Who comes, as they tell us; `patient` is what we make of it."""

    class Meta:
        csrf = False  # no cookie is asked for; `refuse_other_sites` stands in

    name = LineField("Full name", [Required("your full name"), AtMost(200, "your name")])
    email = LineField(
        "E-mail address",
        [AtMost(254, "your e-mail address"), EmailAddress()],
        description="Give an e-mail address, a phone number, or both. By e-mail you get a confirmation, "
        "a reminder, and a link to move or cancel.",
    )
    phone = LineField("Phone number", [AtMost(40, "your phone number"), PhoneNumber()])
    visits = RadioField(
        "Have you been to us before?",
        choices=[SelectChoice("new", "No, this will be my first visit"), SelectChoice("returning", "Yes")],
        validate_choice=False,
    )
    note = TextField(
        "A note for us (optional)",
        [AtMost(NOTE_LENGTH, "your note")],
        description="Please leave out medical details: we talk about those in the room.",
    )
    token = HiddenField()
    website = StringField("Leave this field empty")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.token.data = self.token.data or form_token.new()

    def validate(self, extra_validators=None) -> bool:
        valid = super().validate(extra_validators)
        if not self.email.data and not self.phone.data and not self.email.errors and not self.phone.errors:
            self.email.errors = ["Enter an e-mail address or a phone number, so that we can reach you"]
            valid = False
        if self.website.data:
            # Filled in by a program, or by a browser that means well: whoever presses again gets through.
            self.website.data = ""
            self.form_errors.append(
                f"Please press the button once more, or call us on {current_app.config['CLINIC'].phone}"
            )
            valid = False
        return valid

    def validate_visits(self, field):
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError("Choose whether you have been to us before")

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
