"""The kinds of records that end: which of them are due, and how they are removed. Everything here flushes.

An appointment ends by its person's last one, since the laws count from the last visit; whoever shares an email
address or a phone number counts as the same person here, which keeps a household's records rather too long than
too short. One marked with a year of birth is kept, with all of that person's, to the end of the year of the
birthday that the setting names. Enquiries end with the last appointment of whoever sent them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from ..accounts.models import Invitation
from ..booking import privacy as appointments
from ..booking.models import Appointment
from ..enquiries import privacy as enquiries
from ..enquiries.models import Enquiry
from ..extensions import db
from ..mail import privacy as mails
from ..mail.models import OutboxMail
from ..records import NOBODY
from .models import Disposal
from .periods import years_before, youngest_birth_year_let_go

INVITATIONS_KEPT = timedelta(days=30)  # after they ended: their page says why it is void


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of records: `due` selects its `number` and `at`, oldest first, of what has had its time by then."""

    name: str
    number: InstrumentedAttribute
    at: InstrumentedAttribute
    due: Callable[[datetime], ColumnElement[bool]]
    remove: Callable[[Collection[int], datetime], int]

    def query(self, now: datetime) -> Select:
        """Numbers of what is due, oldest first."""
        return select(self.number).where(self.due(now)).order_by(self.at, self.number)

    def summary(self, now: datetime) -> Select:
        """How many are due, and from when the oldest is."""
        return select(func.count(), func.min(self.at)).where(self.due(now))


def _appointments(now: datetime) -> ColumnElement[bool]:
    before = years_before(now, current_app.config["CLINIC"].keep_appointments_years)
    other = aliased(Appointment)
    is_minor = other.birth_year > youngest_birth_year_let_go(now)
    holds = or_(other.starts_at >= before, is_minor)
    return and_(
        Appointment.starts_at < before,
        or_(Appointment.birth_year.is_(None), Appointment.birth_year <= youngest_birth_year_let_go(now)),
        ~exists().where(other.email_key == Appointment.email_key, holds),
        ~exists().where(other.phone == Appointment.phone, holds),
    )


def _enquiries(now: datetime) -> ColumnElement[bool]:
    before = years_before(now, current_app.config["CLINIC"].keep_enquiries_years)
    return and_(
        Enquiry.received_at < before,
        Enquiry.state != "spam",
        ~exists().where(Appointment.email_key == Enquiry.email_key),
        ~exists().where(Appointment.phone == Enquiry.phone),
        ~exists().where(Appointment.enquiry_id == Enquiry.id),
    )


def _spam(now: datetime) -> ColumnElement[bool]:
    before = now - timedelta(days=current_app.config["CLINIC"].keep_spam_days)
    return and_(Enquiry.state == "spam", Enquiry.received_at < before)


def _mails(now: datetime) -> ColumnElement[bool]:
    before = now - timedelta(days=current_app.config["CLINIC"].keep_mails_days)
    return and_(OutboxMail.created_at < before, OutboxMail.state.in_(("sent", "failed")))


def _remove_appointments(ids: Collection[int], now: datetime) -> int:
    if current_app.config["CLINIC"].disposal_register == "on":
        _register(ids, now)
    mails.erase(mails.find(about={"appointment": ids}, to=()))
    return appointments.erase(ids)


def _register(ids: Collection[int], now: datetime) -> None:
    spans = select(Appointment.name, func.min(Appointment.starts_at), func.max(Appointment.starts_at))
    named = spans.where(Appointment.id.in_(ids), Appointment.name != NOBODY).group_by(Appointment.name)
    for name, first, last in db.session.execute(named.order_by(Appointment.name)).all():
        db.session.add(Disposal(name=name[:200], first_at=first, last_at=last, disposed_at=now))


def _remove_enquiries(ids: Collection[int], _now: datetime) -> int:
    mails.erase(mails.find(about={"enquiry": ids}, to=()))
    return enquiries.delete_rows(ids)


def _remove_invitations(ids: Collection[int], _now: datetime) -> int:
    return db.session.execute(delete(Invitation).where(Invitation.member_id.in_(ids))).rowcount


KINDS = (
    Kind(
        name="appointments",
        number=Appointment.id,
        at=Appointment.starts_at,
        due=_appointments,
        remove=_remove_appointments,
    ),
    Kind(name="enquiries", number=Enquiry.id, at=Enquiry.received_at, due=_enquiries, remove=_remove_enquiries),
    Kind(name="spam", number=Enquiry.id, at=Enquiry.received_at, due=_spam, remove=_remove_enquiries),
    Kind(
        name="mails",
        number=OutboxMail.id,
        at=OutboxMail.created_at,
        due=_mails,
        remove=lambda ids, _now: mails.erase(ids),
    ),
    Kind(
        name="invitations",
        number=Invitation.member_id,
        at=Invitation.expires_at,
        due=lambda now: Invitation.expires_at < now - INVITATIONS_KEPT,
        remove=_remove_invitations,
    ),
)
