"""Forms of the people area."""

from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from ...people.erasing import MayNameThePerson, NamesThePerson
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

    def why(self) -> dict:
        """What of it a `Decision` takes as it is."""
        told = {"reason": self.reason.data, "remark": self.remark.data}
        return told | {"seen": self.seen.data, "nameless": self.nameless.data or ""}

    def refuse_remark(self, refusal: NamesThePerson) -> None:
        """Say what to leave out of it, or ask whether to."""
        if not isinstance(refusal, MayNameThePerson):
            self.remark.errors = [f"Leave out “{refusal.words}”: this is kept for good"]
            return
        self.nameless.data = self.remark.data
        self.remark.errors = [
            f"“{refusal.words}” may be their name. Leave it out then: this is kept for good."
            " If it is another word here, press the button again"
        ]
