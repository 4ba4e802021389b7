"""Which mails each change to an appointment queues: to its patient, and by `notices` to staff and practitioners.

A mail's event is made of the appointment's UID, its sequence and what happened, so that the outbox takes each
once. A mail to the patient that has not gone out when the appointment changes again says what no longer holds,
and is withdrawn.
"""

from datetime import datetime

from sqlalchemy import case, select

from ..extensions import db
from ..mail import changing, outbox
from ..mail.addresses import name_to_tell
from ..mail.models import OutboxMail
from . import calendar, links, mails, notices
from .heard import Place, calendar_may_know, known_before, known_before_last_move, known_place, to_patient
from .models import Appointment
from .placing import PATIENT, changeable_until

# Why a mail was withdrawn.
OUTDATED = "the appointment was answered, moved or cancelled since"
READDRESSED = "the patient has another email address since"


def made(appointment: Appointment, *, by: str, tell_patient: bool) -> None:
    """It was booked, or requested."""
    asked = appointment.status == "requested"
    if tell_patient and _is_to_come(appointment):
        _tell_patient(appointment, "requested" if asked else "booked", with_calendar=not asked)
    if by == PATIENT:
        notices.tell_staff(appointment, "Request to confirm" if asked else "New appointment", "made")
    if not asked:
        notices.tell_practitioner(appointment, "New appointment", "made", staff_know=by == PATIENT)


def readdressed(appointment: Appointment, *, now: datetime) -> None:
    """The patient has another email address. It is told how the appointment stands, or of its end where the old
    one was not; the old one is told nothing any more."""
    unheard, known = unheard_end(appointment), known_place(appointment)
    _withdraw_unsent(appointment, reason=READDRESSED)
    if any(other.starts_at > now for other in appointment.offered):
        _tell_patient(appointment, "offered", now=now, place=known)
    elif appointment.is_upcoming and _is_to_come(appointment, known):
        _tell_where_it_is(appointment, known)
    elif unheard == "declined" or (unheard and _is_to_come(appointment, known)):
        _tell_end(appointment, unheard, known)


def retold(appointment: Appointment, *, now: datetime) -> None:
    """The patient's mails that nobody has tried to send yet say the details as they are now."""
    places = {
        "moved": {"was": known_before_last_move(appointment)},
        **dict.fromkeys(("cancelled", "declined", "offered"), {"place": known_place(appointment)}),
    }
    for mail in changing.untried(to_patient(appointment)):
        what = mail.name.removeprefix("appointment_")
        has_calendar = mail.calendar_method is not None
        written = _to_patient(appointment, what, with_calendar=has_calendar, now=now, **places.get(what, {}))
        changing.reword(mail, outbox.compose(**written))
        mails.current().mail_ids.append(mail.id)


def unheard_end(appointment: Appointment) -> str | None:
    """How it ended ("cancelled", "declined"), where the patient's mail of that has not gone out."""
    ends = ("appointment_cancelled", "appointment_declined")
    unsent = (OutboxMail.state != "sent") & OutboxMail.withdrawn_at.is_(None)
    query = select(OutboxMail.name).where(to_patient(appointment), unsent, OutboxMail.name.in_(ends))
    name = db.session.scalar(query.limit(1))
    return name and name.removeprefix("appointment_")


def corrected(appointment: Appointment, *, now: datetime) -> None:
    """The patient mended their details."""
    notices.tell_staff(appointment, "Details corrected by the patient", f"corrected {now.isoformat()}")


def accepted(appointment: Appointment, *, was_told: bool, tell_patient: bool) -> None:
    """Staff accepted the request, of which its practitioner was told before or not."""
    _withdraw_outdated(appointment)
    if tell_patient and _is_to_come(appointment):
        _tell_patient(appointment, "booked", with_calendar=True)
    notices.tell_practitioner(appointment, "Appointment confirmed" if was_told else "New appointment", "accepted")


def chosen(appointment: Appointment, *, was: Place | None) -> None:
    """The patient chose an offered time; it `was` elsewhere before, as far as a practitioner was told."""
    _withdraw_outdated(appointment)
    _tell_patient(appointment, "booked", with_calendar=True)
    notices.tell_staff(appointment, "New appointment", "made")
    if was is None:
        notices.tell_practitioner(appointment, "New appointment", "made", staff_know=True)
    else:
        notices.tell_practitioners_of_move(appointment, was, staff_know=True)


def declined(appointment: Appointment, *, tell_patient: bool) -> None:
    """Staff turned the request down. Who asked was promised an answer, and hears it however late."""
    known = known_place(appointment)
    _withdraw_outdated(appointment)
    if tell_patient:
        _tell_end(appointment, "declined", known)
    if notices.practitioner_knows(appointment):
        notices.tell_practitioner(appointment, "Appointment cancelled", "declined")


def offered(appointment: Appointment, *, now: datetime) -> None:
    """Staff offered other times for the request."""
    known = known_place(appointment)
    _withdraw_outdated(appointment)
    _tell_patient(appointment, "offered", now=now, place=known)


def moved(appointment: Appointment, *, was: Place, by: str, tell_patient: bool) -> None:
    """It was moved from where it `was`. A patient who never heard that it was there is told how it stands. One
    whose appointment staff move to a time that has come is told nothing: staff have that time from them."""
    known = known_before(appointment, was, by=by)
    _withdraw_outdated(appointment)
    if tell_patient and _is_to_come(appointment):
        _tell_where_it_is(appointment, known)
    if by == PATIENT:
        asked = appointment.status == "requested"
        notices.tell_staff(appointment, "Moved, to confirm" if asked else "Moved by the patient", "moved", was=was)
    if notices.practitioner_knows(appointment):
        notices.tell_practitioners_of_move(appointment, was, staff_know=by == PATIENT)


def cancelled(appointment: Appointment, *, by: str, tell_patient: bool) -> None:
    """It was cancelled."""
    known = known_before(appointment, Place.of(appointment), by=by)
    _withdraw_outdated(appointment)
    if tell_patient and _is_to_come(appointment, known):
        _tell_end(appointment, "cancelled", known)
    if by == PATIENT:
        notices.tell_staff(appointment, "Cancelled by the patient", "cancelled")
    if notices.practitioner_knows(appointment):
        notices.tell_practitioner(appointment, "Appointment cancelled", "cancelled", staff_know=by == PATIENT)


def reminded(appointment: Appointment, *, now: datetime) -> None:
    """It comes soon."""
    _tell_patient(appointment, "reminder", now=now)


def waiting_reminders():
    """SQL: a reminder that is queued."""
    return _waiting("reminder")


def waiting_news():
    """SQL: a queued mail to a patient about times: it helps nobody once those have come (but see `calls_off`)."""
    return _waiting("requested", "booked", "moved", "cancelled", "offered")


def last_time_told():
    """SQL: the time that such a mail is about, of an offer the last to choose from. Asked for each mail by itself:
    by a list, either database would read all appointments of the past."""
    is_offer = OutboxMail.name == "appointment_offered"
    told = select(case((is_offer, Appointment.last_offered), else_=Appointment.starts_at))
    return told.where(Appointment.id == OutboxMail.about_id).scalar_subquery()


def is_awaited(appointment: Appointment, *, now: datetime) -> bool:
    """Whether its time, or the one that its patient knows of, is to come: then they are to hear of its end."""
    return appointment.starts_at > now or known_place(appointment).starts_at > now


def calls_off(mail_name: str, appointment: Appointment, *, now: datetime) -> bool:
    """Whether the mail tells its patient, who knows of a time that is to come, that they are not expected then."""
    may = mail_name in ("appointment_moved", "appointment_cancelled")
    return may and known_place(appointment).starts_at > now


def _waiting(*what: str):
    names = [f"appointment_{each}" for each in what]
    return (OutboxMail.state == "queued") & OutboxMail.name.in_(names) & (OutboxMail.about_kind == "appointment")


def _is_to_come(appointment: Appointment, known: Place | None = None) -> bool:
    """Whether its patient is to hear of it: not where its time has come, unless they believe it to be at one that
    has not (`known`)."""
    times = [appointment.starts_at, known.starts_at] if known else [appointment.starts_at]
    return max(times) > mails.current().at


def _withdraw_outdated(appointment: Appointment) -> None:
    """What has not gone out to the patient no longer holds, until the change is undone."""
    mails.current().given_up_ids += _withdraw_unsent(appointment, reason=OUTDATED)


def _withdraw_unsent(appointment: Appointment, *, reason: str) -> list[int]:
    """What has not gone out to the patient, to any address, is withdrawn, and reminders are taken back; gives the
    numbers of what is withdrawn."""
    if changing.take_back_waiting(waiting_reminders() & (OutboxMail.about_id == appointment.id)):
        mails.current().reminder_taken_back = True
    return changing.withdraw_all_untrue(to_patient(appointment), reason=reason)


def reminders_of_now(appointment: Appointment) -> list[int]:
    """The reminders, by number, of the appointment as it stands, sent or not."""
    return list(db.session.scalars(select(OutboxMail.id).filter_by(event=mails.event_of(appointment, "reminder"))))


def _tell_where_it_is(appointment: Appointment, known: Place) -> None:
    """That it is elsewhere than its patient knows it to be; or how it stands, where it is there."""
    stands = "requested" if appointment.status == "requested" else "booked"
    what = stands if known == Place.of(appointment) else "moved"
    with_calendar = what != "requested" or calendar_may_know(appointment)
    _tell_patient(appointment, what, with_calendar=with_calendar, was=known)


def _tell_end(appointment: Appointment, what: str, known: Place) -> None:
    """That what its patient knows of has ended: they would come then, not at a time that they never heard of."""
    _tell_patient(appointment, what, with_calendar=calendar_may_know(appointment), place=known)


def _tell_patient(appointment, what, *, now=None, **more) -> None:
    if appointment.reachable_email:
        key = f"offered {now.isoformat()}" if what == "offered" else what  # times may be offered again
        mails.enqueue(appointment, key, _to_patient(appointment, what, now=now, **more))


def _to_patient(appointment, what, *, with_calendar=False, now=None, place=None, was=None) -> dict:
    """A mail for `outbox.compose`: see `mails.written`."""
    until = changeable_until(appointment)
    return mails.written(
        f"appointment_{what}",
        appointment,
        to=(name_to_tell(appointment.name), appointment.email),
        calendar=calendar.message(appointment, place=place) if with_calendar else None,
        offered=appointment.offered,
        manage_url=links.manage_url(appointment),
        self_service_until=until if (now or appointment.told_at) <= until else None,
        place=place,
        was=was,
    )
