"""Do pages say that the clinic is closed on days that can be booked? They are set in two places."""

from flask import current_app
from sqlalchemy import select

from .. import clock
from ..booking.models import Practitioner, WorkingHours
from ..checks import DAYS
from ..extensions import db
from .finding import Findings


def find() -> Findings:
    """Days of the week that the setting `hours` leaves out, though somebody works on them."""
    found = Findings("Opening hours")
    worked = select(WorkingHours.weekday).join(Practitioner).where(Practitioner.works_on(clock.today())).distinct()
    numbers, hours = set(db.session.scalars(worked)), current_app.config["CLINIC"].hours
    if closed := [day.capitalize() for number, day in enumerate(DAYS) if number in numbers and not hours[day]]:
        return found.warn(
            f"Pages say closed, and practitioners can be booked: {', '.join(closed)}.",
            "Add these days to [hours] in instance/clinic.toml, or take them out of practitioners' hours.",
        )
    return found.ok("Pages say open on every day that can be booked.")
