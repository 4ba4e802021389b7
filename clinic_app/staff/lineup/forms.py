"""Forms of services and practitioners."""

from flask import current_app
from wtforms import BooleanField, FileField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice

from ...booking import profiles
from ...booking.models import Practitioner, Service
from ...pictures import uploads
from ...web.fields import AtMost, EmailAddress, LineField, Required, TextField
from ...web.values import DayField, PriceField, WholeNumberField
from ..forms import OnceForm, StaffForm
from ..meanwhile import ChangeForm

TEXT_LENGTH = 20_000
MARKDOWN = "You can use Markdown: *emphasis*, [links](https://example.org), lists."
# A service's own rule: its label, its noun, its unit, and the clinic's setting that holds where it has none.
RULES = {
    "gap_minutes": ("Gap after it, in minutes", "the gap", "minutes", "appointment_gap_minutes"),
    "notice_minutes": ("Shortest notice, in minutes", "the notice", "minutes", "booking_notice_minutes"),
    "horizon_days": (
        "Can be booked ahead, in days",
        "how far ahead it can be booked",
        "days",
        "booking_horizon_days",
    ),
    "cutoff_hours": ("Changes close, hours before", "when changes close", "hours", "cancel_cutoff_hours"),
}


def _rule(name: str) -> WholeNumberField:
    label, noun, _, _ = RULES[name]
    low, high = profiles.OWN_RULES[name]
    return WholeNumberField(f"{label} (optional)", noun=noun, low=low, high=high, optional=True)


class ServiceForm(ChangeForm, OnceForm):
    """A service; `columns` is what it says in values."""

    name = LineField("Name", [Required("the name"), AtMost(100, "the name")])
    minutes = WholeNumberField("Minutes", noun="the minutes", low=profiles.MINUTES[0], high=profiles.MINUTES[1])
    price_cents = PriceField("Price", noun="the price")
    description = TextField("Description", [AtMost(TEXT_LENGTH, "the description")], description=MARKDOWN)
    first_visit = BooleanField("For people who come for the first time")
    confirm = RadioField(
        "Who confirms it?",
        choices=[
            SelectChoice("instant", "Nobody has to: the time is booked at once"),
            SelectChoice("staff", "Staff: it is a request until they accept it"),
        ],
        default="instant",
    )
    offered_by = SelectMultipleField("Who offers it?", coerce=int)
    gap_minutes = _rule("gap_minutes")
    notice_minutes = _rule("notice_minutes")
    horizon_days = _rule("horizon_days")
    cutoff_hours = _rule("cutoff_hours")

    def __init__(self, service: Service | None = None, *, people: list[Practitioner], **kwargs):
        offered = [person.id for person in (service.practitioners if service else people)]
        super().__init__(obj=service, offered_by=offered, **kwargs)
        self.offered_by.choices = [SelectChoice(person.id, person.name) for person in people]
        for name, (_, _, unit, setting) in RULES.items():
            of_clinic = getattr(current_app.config["CLINIC"], setting)
            self[name].description = f"Leave empty to use the clinic’s setting ({of_clinic} {unit})."

    def columns(self) -> dict:
        own = {name: self[name].data for name in ("minutes", "price_cents", "first_visit", "confirm", *RULES)}
        return own | profiles.description(self.description.data)


class PractitionerForm(ChangeForm, OnceForm):
    """Someone who sees patients; `columns` is what it says in values."""

    name = LineField("Name", [Required("the name"), AtMost(100, "the name")])
    role = LineField("Role (optional)", [AtMost(100, "the role")], description="Such as: Chiropractor")
    bio = TextField("About them (optional)", [AtMost(TEXT_LENGTH, "the text about them")], description=MARKDOWN)
    email = LineField(
        "Email address for notices (optional)",
        [AtMost(254, "the email address"), EmailAddress()],
        description="We write there when an appointment with them is booked, moved or cancelled.",
    )
    offers = SelectMultipleField("What do they offer?", coerce=int)

    def __init__(self, practitioner: Practitioner | None = None, *, services: list[Service], **kwargs):
        offered = [service.id for service in (practitioner.services if practitioner else services)]
        super().__init__(obj=practitioner, offers=offered, **kwargs)
        self.offers.choices = [SelectChoice(service.id, service.name) for service in services]

    def columns(self) -> dict:
        return {
            "name": self.name.data,
            "role": self.role.data,
            "email": self.email.data or None,
            **profiles.bio(self.bio.data),
        }


class PhotoForm(StaffForm):
    """A practitioner's photo, and what it shows for those who cannot see it."""

    photo = FileField("Photo", description=f"{uploads.TAKEN} Square is best.")
    alt = LineField(
        "What the photo shows",
        [Required("what the photo shows"), AtMost(300, "what the photo shows")],
        description="For people who cannot see it. Such as: Robin, smiling, in the treatment room",
    )


class FeedForm(StaffForm):
    """What a practitioner's calendar shows of patients."""

    shows_names = BooleanField("Show patients’ names, not only initials")


class LeavingForm(StaffForm):
    """The last day that someone works."""

    last_day = DayField("Last day", noun="the last day")
