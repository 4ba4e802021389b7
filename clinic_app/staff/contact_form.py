"""The form that corrects who somebody is and how to reach them, such as after an email that came back."""

from ..booking.models import Appointment
from ..enquiries.models import Enquiry
from ..web.fields import AtMost, EmailAddress, LineField, PhoneField, PhoneNumber, Required
from ..web.filters import dialled
from .forms import ReachableForm
from .meanwhile import ChangeForm

ONE_OF_TWO = "One of the two is enough."
ANONYMOUS = "This was made anonymous. It is nobody’s any more, so there are no details to correct."


class ContactForm(ChangeForm, ReachableForm):
    """A name, an email address and a phone number."""

    name = LineField("Full name", [Required("their full name"), AtMost(200, "the name")])
    phone = PhoneField("Phone number", [AtMost(40, "the phone number"), PhoneNumber()], description=ONE_OF_TWO)
    email = LineField("Email address", [AtMost(254, "the email address"), EmailAddress()], description=ONE_OF_TWO)

    @classmethod
    def of(cls, made: Appointment | Enquiry, **options) -> "ContactForm":
        """The form with whose it is, or with what was sent (not so with `formdata=None`)."""
        phone = dialled(made.phone) if made.phone else ""
        return cls(data={"name": made.name, "phone": phone, "email": made.email or ""}, **options)

    def refuse_outdated(self, now: "ContactForm") -> None:
        now.validate()  # which makes its number the stored form, as the number that was sent has been made
        super().refuse_outdated(now)
