"""Who comes, and how many appointments they may have."""

from datetime import datetime
from typing import NamedTuple

from flask import current_app
from sqlalchemy import func, or_, select

from ..extensions import db
from ..mail.addresses import mailbox
from .models import UPCOMING, Appointment
from .refusals import TooManyAppointments


class Patient(NamedTuple):
    """Who comes, as checked by the form: email or phone or both, the phone in E.164."""

    name: str
    email: str | None = None
    phone: str | None = None
    is_new: bool = False
    note: str = ""
    notice_version: str = ""  # of the privacy notice that was shown

    @property
    def email_key(self) -> str | None:
        return self.email.lower() if self.email else None

    @property
    def mailbox(self) -> str | None:
        """Where their mail arrives, however it is addressed."""
        return self.email_key and mailbox(self.email_key)

    @property
    def columns(self) -> dict:
        """What an appointment says of them, by column."""
        return self._asdict() | {"email_key": self.email_key}


def check_cap(patient: Patient, now: datetime, *, besides: Appointment | None = None) -> None:
    """Raise TooManyAppointments where as many are to come already as the setting `appointments_per_person` allows,
    under any address of their mailbox or their phone number. `besides` does not count. Ask with the person locked.
    """
    same = [Appointment.phone == patient.phone] if patient.phone else []
    if patient.mailbox:
        local, _, domain = patient.mailbox.rpartition("@")
        key = Appointment.email_key
        with_plus = key.startswith(f"{local}+", autoescape=True) & key.endswith(f"@{domain}", autoescape=True)
        same += [key == f"{local}@{domain}", with_plus]
    upcoming = select(func.count()).where(
        or_(*same), Appointment.status.in_(UPCOMING), Appointment.starts_at > now
    )
    if besides is not None:
        upcoming = upcoming.where(Appointment.id != besides.id)
    if db.session.scalar(upcoming) >= current_app.config["CLINIC"].appointments_per_person:
        raise TooManyAppointments
