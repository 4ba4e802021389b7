"""Forms of the people area."""

from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from ...people.identities import LONGEST
from ...people.models import ANONYMOUS, ERASED, REASONS, REMARK_LENGTH
from ...web.fields import AtMost, LineField, Required
from ..forms import StaffForm


class SearchForm(StaffForm):
    """Whom to look up."""

    UNREADABLE = (
        "Enter a whole email address, like name@example.com, or a whole phone number, like 02\xa05550\xa00142"
    )

    who = LineField(
        "Email address or phone number",
        [Required("an email address or a phone number"), AtMost(LONGEST, "it")],
        description="The whole of it. Names are not enough to tell people apart.",
    )


class ErasingForm(StaffForm):
    """What is to be done with what is held, and why.

    `seen` is the fingerprint of what the page showed, `nameless` the remark that it asked about.
    """

    kind = RadioField(
        "What should be done?",
        [InputRequired("Choose whether to make anonymous or to erase")],
        choices=[
            SelectChoice(ANONYMOUS, "Make it anonymous: figures stay, and nothing tells whose they were"),
            SelectChoice(ERASED, "Erase it: nothing stays, and figures of the past change"),
        ],
        validate_choice=True,
    )
    reason = RadioField(
        "Why?",
        [InputRequired("Choose the reason")],
        choices=[SelectChoice(value, label) for value, label in REASONS.items()],
    )
    remark = LineField(
        "More about the reason (optional)",
        [AtMost(REMARK_LENGTH, "the remark")],
        description=(
            "Kept for good: leave out names, addresses and numbers. “By letter of 3\xa0November” is enough."
        ),
    )
    checked = BooleanField("I have checked that no law asks us to keep this, or it is in our clinical records")
    seen = HiddenField()
    nameless = HiddenField()
