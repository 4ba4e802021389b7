"""The kinds of records that end: which of them are due, and how they are removed. Everything here flushes.

An appointment ends by its person's last one, since the laws count from the last visit; whoever shares an email
address or a phone number counts as the same person here, at one remove too, which keeps a household's records
rather too long than too short. One marked with a year of birth is kept, with all of that person's, to the end of
the year of the birthday that the setting names. Enquiries, those held as spam too, end with the last appointment
of whoever sent them at the earliest.
"""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app
from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from ..accounts.models import Invitation
from ..booking import privacy as appointments
from ..booking.models import Appointment
from ..enquiries.models import Enquiry, EnquiryEntry
from ..extensions import db
from ..lists.records import NOBODY, delete_rows
from ..mail import privacy as mails
from ..mail.models import OutboxMail
from .models import Disposal
from .periods import years_before, youngest_birth_year_let_go

ONCE = "MATERIALIZED"  # newer SQLites would ask for each row
CONTACTS = (Appointment.email_key, Appointment.phone)  # by which a person is known
INVITATIONS_KEPT = timedelta(days=30)  # after they ended: their page says why it is void


class Kind(NamedTuple):
    """One kind of records. The column `number` names each; its age counts from the instant in the column `at`.

    `is_old` and `may_go` give conditions in SQL for an instant, the second for some of what is old, by number: it
    is due, unless it may not go yet for the sake of another record.
    """

    name: str
    number: InstrumentedAttribute
    at: InstrumentedAttribute
    is_old: Callable[[datetime], ColumnElement[bool]]
    remove: Callable[[Collection[int], datetime], int]
    may_go: Callable[[datetime, Collection[int] | Select], ColumnElement[bool]] = lambda _now, _numbers: true()

    def ahead(self, now: datetime, place: tuple[datetime, int] | None) -> Select:
        """`number` and `at` of what is old, oldest first, from behind the place (at, number)."""
        query = select(self.number.label("number"), self.at.label("at")).where(self.is_old(now))
        if place:
            at, number = place
            query = query.where(tuple_(self.at, self.number) > tuple_(literal(at, self.at.type), literal(number)))
        return query.order_by(self.at, self.number)

    def due_of(self, numbers: Collection[int] | Select, now: datetime) -> Select:
        """Those of these old ones that are due."""
        return select(self.number).where(self.number.in_(numbers), self.may_go(now, numbers))


def _appointments_kept_from(now: datetime) -> datetime:
    return years_before(now, current_app.config["CLINIC"].keep_appointments_years)


def _appointment_may_go(now: datetime, numbers: Collection[int] | Select) -> ColumnElement[bool]:
    """Thousands may share an address or a number: what holds them is asked once for all of these, not for each."""
    near = _near(numbers)
    is_holding = or_(*(near.c[contact.key].in_(_held(contact, near, now)) for contact in CONTACTS))
    holding = select(near).where(is_holding).cte().prefix_with(ONCE)
    return and_(
        or_(Appointment.birth_year.is_(None), Appointment.birth_year <= youngest_birth_year_let_go(now)),
        *(~exists().where(holding.c[contact.key] == contact) for contact in CONTACTS),
    )


def _near(numbers: Collection[int] | Select) -> CTE:
    """The addresses and phone numbers of all under an address or a number of these appointments.

    Who has another address since, and then another number, is known by what was made between.
    """
    asked, other = aliased(Appointment), aliased(Appointment)
    parts = []
    for contact in CONTACTS:
        theirs = select(getattr(asked, contact.key)).where(asked.id.in_(numbers))
        parts.append(select(other.email_key, other.phone).where(getattr(other, contact.key).in_(theirs)))
    return union(*parts).cte().prefix_with(ONCE)


def _held(contact: InstrumentedAttribute, near: CTE, now: datetime) -> Select:
    """Those of the addresses, or of the numbers, near by that are of somebody whose records are to be kept."""
    last = aliased(Appointment)
    is_minor = last.birth_year > youngest_birth_year_let_go(now)
    of_last = getattr(last, contact.key)
    query = select(of_last).where(of_last.in_(select(near.c[contact.key])))
    return query.where(or_(last.starts_at >= _appointments_kept_from(now), is_minor))


def _enquiries_kept_from(now: datetime) -> datetime:
    return years_before(now, current_app.config["CLINIC"].keep_enquiries_years)


def _is_of_no_patient() -> ColumnElement[bool]:
    return and_(
        ~exists().where(Appointment.email_key == Enquiry.email_key),
        ~exists().where(Appointment.phone == Enquiry.phone),
        ~exists().where(Appointment.enquiry_id == Enquiry.id),
    )


def _spam_kept_from(now: datetime) -> datetime:
    return now - timedelta(days=current_app.config["CLINIC"].keep_spam_days)


def _spam_may_go(now: datetime, _numbers: Collection[int] | Select) -> ColumnElement[bool]:
    """Staff may have marked it long after it came, and by mistake."""
    marks = (EnquiryEntry.enquiry_id == Enquiry.id, EnquiryEntry.kind == "spam")
    return and_(~exists().where(*marks, EnquiryEntry.created_at >= _spam_kept_from(now)), _is_of_no_patient())


def _mails_kept_from(now: datetime) -> datetime:
    return now - timedelta(days=current_app.config["CLINIC"].keep_mails_days)


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
    return delete_rows(Enquiry, ids)  # their words are forgotten when the purge is through


def _remove_invitations(ids: Collection[int], _now: datetime) -> int:
    return db.session.execute(delete(Invitation).where(Invitation.member_id.in_(ids))).rowcount


KINDS = (
    Kind(
        name="appointments",
        number=Appointment.id,
        at=Appointment.starts_at,
        is_old=lambda now: Appointment.starts_at < _appointments_kept_from(now),
        may_go=_appointment_may_go,
        remove=_remove_appointments,
    ),
    Kind(
        name="enquiries",
        number=Enquiry.id,
        at=Enquiry.received_at,
        is_old=lambda now: Enquiry.received_at < _enquiries_kept_from(now),
        may_go=lambda _now, _numbers: and_(Enquiry.state != "spam", _is_of_no_patient()),
        remove=_remove_enquiries,
    ),
    Kind(
        name="spam",
        number=Enquiry.id,
        at=Enquiry.received_at,
        is_old=lambda now: and_(Enquiry.state == "spam", Enquiry.received_at < _spam_kept_from(now)),
        may_go=_spam_may_go,
        remove=_remove_enquiries,
    ),
    Kind(
        name="mails",
        number=OutboxMail.id,
        at=OutboxMail.created_at,
        is_old=lambda now: OutboxMail.created_at < _mails_kept_from(now),
        may_go=lambda _now, _numbers: OutboxMail.state.in_(("sent", "failed")),
        remove=lambda ids, _now: mails.erase(ids),
    ),
    Kind(
        name="invitations",
        number=Invitation.member_id,
        at=Invitation.expires_at,
        is_old=lambda now: Invitation.expires_at < now - INVITATIONS_KEPT,
        remove=_remove_invitations,
    ),
)
