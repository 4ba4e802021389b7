"""Form fields and validators that turn what people type into values, with messages built from nouns.

`Required("your full name")` says "Enter your full name".
"""

import re
import unicodedata

from flask import current_app
from wtforms import StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError

from .. import phones
from .controls import Line, Lines

# Characters that no text a person writes needs: controls but for line breaks and tabs, and the marks that turn
# the direction of what follows (a name could reverse the rest of a staff page).
UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
# Letters and signs by their category, yet with nothing to see: fillers of Hangul, and the empty Braille cell.
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
LINE_BREAKS = re.compile("\r\n|\r|\x0b|\x0c|\x85|\u2028|\u2029")


def clean_line(text: str | None) -> str:
    """One line of text: line breaks and runs of white space become a space, unwanted characters go."""
    return " ".join(UNWANTED.sub("", re.sub(r"\s", " ", text or "")).split())


def clean_lines(text: str | None) -> str:
    """Text of several lines, each ended by a line feed, without unwanted characters."""
    return UNWANTED.sub("", LINE_BREAKS.sub("\n", text or ""))


def clean_text(text: str | None) -> str:
    """Text of several lines as `clean_lines` gives it, without blank ends."""
    return clean_lines(text).strip()


def shows(text: str) -> bool:
    """Whether there is anything to see in it: a letter, number, punctuation mark or symbol."""
    return any(unicodedata.category(c)[0] in "LNPS" and c not in BLANKS for c in text)


def sent_text(valuelist: list) -> str:
    """What was sent first; nothing for a file in place of text."""
    return valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""


class LineField(StringField):
    """Text on one line."""

    widget = Line()

    def process_formdata(self, valuelist):
        self.data = clean_line(sent_text(valuelist))


class PhoneField(LineField):
    """A phone number. A form that comes back has it as it was typed, whatever `PhoneNumber` has made of it."""

    def _value(self):
        return clean_line(sent_text(self.raw_data)) or super()._value()


class TextField(TextAreaField):
    """Text of several lines."""

    widget = Lines()

    def process_formdata(self, valuelist):
        self.data = clean_text(sent_text(valuelist))


class Required:
    """Refuses an empty field, and a text in which there is nothing to see."""

    field_flags = {"required": True}

    def __init__(self, noun: str, verb: str = "Enter"):
        self.message = f"{verb} {noun}"

    def __call__(self, form, field):
        if not field.data or (isinstance(field.data, str) and not shows(field.data)):
            raise StopValidation(self.message)


class AtMost:
    """Refuses a text that is too long, and says by how much."""

    def __init__(self, length: int, noun: str):
        self.length = length
        self.noun = noun
        self.field_flags = {"maxlength": length}

    def __call__(self, form, field):
        over = len(field.data or "") - self.length
        if over > 0:
            raise StopValidation(
                f"Shorten {self.noun}: it is {over:,} over the limit of {self.length:,} characters"
            )


class EmailAddress:
    """An email address by email-validator; the field's value becomes the normalised one. Empty passes."""

    message = "Enter an email address in the correct format, like name@example.com"
    not_plain = "Enter an email address without letters like é or ü before the @: our mail can’t reach those"

    def __call__(self, form, field):
        if not field.data:
            return
        from email_validator import EmailNotValidError, validate_email  # slow to load, so not at the start

        try:
            # Whether the domain takes mail is asked when the mail is sent: no visitor waits for a name server.
            checked = validate_email(field.data, check_deliverability=False)
        except EmailNotValidError:
            raise ValidationError(self.message) from None
        if checked.ascii_email is None:  # see mail.smtp
            raise ValidationError(self.not_plain)
        field.data = checked.ascii_email


class PhoneNumber:
    """A phone number, the clinic's country taken for granted; the field's value becomes E.164. Empty passes.

    Any number of a possible length is taken: numbering plans change faster than programs.
    """

    message = "Enter a phone number, like {}, or with the country code, like {}"
    without_extension = (
        "Enter the number without its extension, and put the extension in the note or message below"
    )

    def __call__(self, form, field):
        if not field.data:
            return
        country = current_app.config["CLINIC"].country
        number = phones.parse(field.data, country)
        if number is None:
            examples = [example.replace(" ", "\xa0") for example in phones.example(country)]
            raise ValidationError(self.message.format(*examples))
        if phones.has_extension(field.data, country):
            raise ValidationError(self.without_extension)
        field.data = number
