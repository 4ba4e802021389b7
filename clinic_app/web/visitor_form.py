"""What visitors' forms share: who writes, how to reach them, and which form it is."""

from wtforms import HiddenField, StringField

from . import form_token
from .fields import AtMost, EmailAddress, LineField, PhoneField, PhoneNumber, Required
from .page_form import PageForm
from .reachable import Reachable


class VisitorForm(Reachable, PageForm):
    """A form of a visitor, who gives a name and an email address or a phone number."""

    if_neither = ("email", "Enter an email address or a phone number, so we can reach you")
    name = LineField("Full name", [Required("your full name"), AtMost(200, "your name")])
    email = LineField(
        "Email address",
        [AtMost(254, "your email address"), EmailAddress()],
        description="Give an email address, a phone number, or both.",
    )
    phone = PhoneField(
        "Phone number",
        [AtMost(40, "your phone number"), PhoneNumber()],
        description="Or leave this empty if you gave an email address.",
    )
    token = HiddenField()
    # Seen by programs only; a name that no browser fills in by itself.
    leave_empty = StringField("Leave this field empty")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.token.data = self.token.data or form_token.new()
