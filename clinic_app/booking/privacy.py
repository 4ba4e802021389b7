"""What appointments hold of a person: found, given out, erased. Everything here flushes and nothing commits."""

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Select, func, select

from .. import clock
from ..extensions import db
from ..keys.secret_key import token_hash
from ..lists.records import NOBODY, NOWHERE, as_record, delete_rows, in_groups, latest
from ..mail.addresses import mailbox
from ..personal_records import PersonalRecords
from . import placing
from .locks import lock_person
from .models import UPCOMING, WORDS_OF_CHANGES, Appointment, AppointmentChange, Practitioner, Service, new_uid
from .placing import STAFF
from .requests import WAITS_ON

# Secrets and what tells one form from the next: no part of what is known of a person.
NOT_GIVEN_OUT = {"token_hash", "nonce", "email_key"}
_THEIRS = PersonalRecords(Appointment, made_at=Appointment.created_at, notice=Appointment.notice_version)
find, named, made = _THEIRS.find, _THEIRS.named, _THEIRS.made
contacts, names = _THEIRS.contacts, _THEIRS.names
notice_versions, all_contacts, all_made = _THEIRS.notice_versions, _THEIRS.all_contacts, _THEIRS.all_made


def lock(emails: Collection[str], phones: Collection[str]) -> None:
    """Wait for others who book under these (email addresses, phone numbers as E.164) to end."""
    for key in sorted({*map(mailbox, emails), *phones}):
        lock_person(key, None)


def to_come(ids: Collection[int], *, now: datetime) -> list[Appointment]:
    """Those of them that somebody still expects, or that wait for an answer, soonest first."""
    found = []
    for group in in_groups(ids):
        query = select(Appointment).where(Appointment.id.in_(group), Appointment.status.in_(UPCOMING))
        found += [each for each in db.session.scalars(query) if _is_awaited(each, now)]
    return sorted(found, key=lambda appointment: appointment.starts_at)


def newest(ids: Collection[int], *, count: int) -> list[Appointment]:
    """The last of them to start, latest first."""
    return latest(ids, by=Appointment.starts_at, count=count)


def latest_birth_year(ids: Collection[int]) -> int | None:
    """The year of birth of the youngest of them who were noted as under age."""
    latest = select(func.max(Appointment.birth_year))
    found = (db.session.scalar(latest.where(Appointment.id.in_(group))) for group in in_groups(ids))
    return max(filter(None, found), default=None)


def records(ids: Collection[int]) -> Iterator[dict]:
    """All that is known of each, with what was done to it, oldest first, secrets apart; a few at a time."""
    columns = [
        *Appointment.__table__.columns,
        Practitioner.name.label("practitioner"),
        Service.name.label("service"),
    ]
    for group in in_groups(ids):
        query = select(*columns).select_from(Appointment).join(Practitioner).join(Service)
        query = query.where(Appointment.id.in_(group)).order_by(Appointment.id)
        histories = _histories(group)
        for row in db.session.execute(query).all():
            yield as_record(row, without=NOT_GIVEN_OUT) | {"history": histories.get(row.id, [])}


def anonymise(ids: Collection[int]) -> int:
    """Leave time, practitioner, service, price and status, and nothing of whose they were; gives their number.

    Their links stop working, and no calendar's UID leads to them any more. What was requested or is still to come
    is cancelled, since nobody comes and nobody can be answered.
    """
    now = clock.now()
    for group in in_groups(ids):
        for appointment in db.session.scalars(select(Appointment).where(Appointment.id.in_(group))):
            if appointment.status == "requested" or (appointment.is_upcoming and appointment.starts_at > now):
                placing.end(appointment, by=STAFF, reason="", now=now)
            _empty(appointment)
        for change in db.session.scalars(_changes_of(group)):
            change.before, change.after = _wordless(change.before), _wordless(change.after)
            change.undo_until = None
        db.session.flush()
    return len(ids)


def erase(ids: Collection[int]) -> int:
    """Delete them; gives their number."""
    return delete_rows(Appointment, ids)


def _is_awaited(appointment: Appointment, now: datetime) -> bool:
    if appointment.status == "booked":
        return appointment.starts_at > now
    times = (appointment.starts_at, *(other.starts_at for other in appointment.offered))
    return max(times) > now - WAITS_ON


def _changes_of(ids: list[int]) -> Select:
    query = select(AppointmentChange).where(AppointmentChange.appointment_id.in_(ids))
    return query.order_by(AppointmentChange.id)


def _histories(ids: list[int]) -> dict[int, list[dict]]:
    histories, people = {}, dict(db.session.execute(select(Practitioner.id, Practitioner.name)).all())
    for change in db.session.scalars(_changes_of(ids)):
        told = {"kind": change.what, "at": change.at, "by": change.done_by, "undone_at": change.undone_at}
        told |= {name: change.after.get(name) for name in ("status", *WORDS_OF_CHANGES)}
        told["starts_at"] = datetime.fromisoformat(change.after["starts_at"])
        told["practitioner"] = people.get(change.after["practitioner_id"])  # None: removed since
        told["times"] = " or ".join(
            f"{clock.format_in_full(datetime.fromisoformat(at))} with {people.get(who, 'somebody who has left')}"
            for who, at in change.after.get("offered", ())
        )
        histories.setdefault(change.appointment_id, []).append(told)
    return histories


def _wordless(stood: dict | None) -> dict | None:
    """How an appointment stood, without what anybody wrote."""
    return stood and stood | {name: stood[name] and "erased" for name in WORDS_OF_CHANGES if name in stood}


def _empty(appointment: Appointment) -> None:
    appointment.name = NOBODY
    appointment.email = f"appointment-{appointment.id}@{NOWHERE}"  # the schema wants a way to reach each
    appointment.email_key = appointment.phone = appointment.nonce = appointment.birth_year = None
    appointment.note = appointment.cancel_reason = ""
    appointment.override = appointment.override and "erased"
    appointment.uid = new_uid()
    appointment.token_hash = token_hash(uuid4().hex)
