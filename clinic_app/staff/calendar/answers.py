"""What a change of an appointment answers: what was done with a button to undo it, or why it was not done."""

from datetime import timedelta

from flask import url_for

from ... import clock
from ...booking import changes, refusals
from ...booking.models import Appointment
from ..area import member
from ..undoing import Said

WORDS = {
    refusals.SlotTaken: "Someone else has that time.",
    refusals.SlotNotOffered: "That time is outside hours.",
    refusals.NotUpcoming: "It was answered, cancelled or changed meanwhile. This is how it stands now.",
    refusals.TooLateToUndo: "It is too late to undo that. Change the appointment instead.",
    refusals.ChangedSince: "The appointment has been changed again since, so that can’t be undone.",
    refusals.MailHasGone: "An email about it has gone out, so it stays. Change the appointment instead.",
}
PLAIN_FOR = timedelta(days=120)  # so far into the next year, a date needs no year
TIME_IS_GONE = "Someone else has the old time by now, so that can’t be undone."


def words_of(refusal: refusals.Refused) -> str:
    """Why it was not done, for a person."""
    if isinstance(refusal, refusals.TooEarly):
        return f"You can say that from {clock.format_when(refusal.since)}."
    return WORDS.get(type(refusal), "That can’t be done now.")


def placed(appointment: Appointment) -> str:
    """`Tue 24 Nov, 9:30 am with Robin Sample`; with the year where nobody would take it for granted."""
    starts_at, now = appointment.starts_at, clock.now()
    is_plain = clock.local(starts_at).year == clock.local(now).year or now < starts_at < now + PLAIN_FOR
    when = f"{clock.format_day(starts_at, year=not is_plain)}, {clock.format_time(starts_at)}"
    return f"{when} with {appointment.practitioner.name}"


def done(text: str, appointment: Appointment) -> Said:
    """What to flash once it is committed."""
    change = changes.undoable(appointment)
    if change is None:
        return text, None
    return text, url_for("staff.appointments.undo", appointment_id=appointment.id, change=change.id)


def in_vain(how_it_stands: str, appointment: Appointment) -> Said:
    """What to flash where nothing was left to do; who has just done it themselves (pressed twice) can undo it."""
    text = f"{how_it_stands}, so this changed nothing and sends no email."
    change = changes.undoable(appointment)
    return done(text, appointment) if change and change.member_id == member().id else (text, None)


def told(appointment: Appointment, tell: bool, *, is_news: bool = False) -> str:
    """What the patient hears of it, as `notifications` has it; what `is_news` also when its time has come."""
    if appointment.starts_at <= clock.now() and not is_news:
        return "The patient gets no email, as that time has come."
    if not appointment.email:
        return "There is no email address: please tell them by phone."
    return "The patient gets an email." if tell else "The patient gets no email."
