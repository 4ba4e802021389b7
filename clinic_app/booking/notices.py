"""Notices of appointments to staff and practitioners.

Staff (the setting `staff_recipients`) hear of what patients do; practitioners of every change to their day, which
a request is no part of until it has been booked.
"""

from flask import current_app
from sqlalchemy import func

from .. import clock
from ..mail import changing
from ..mail.addresses import as_kept
from ..mail.models import UNSENT, OutboxMail
from . import mails
from .models import Appointment, Practitioner

ADDRESS_GONE = "the practitioner has no email address any more"  # why a mail was withdrawn


def practitioner_knows(appointment: Appointment) -> bool:
    """Whether its practitioner has been told of it: once it was booked, whatever it is now."""
    return appointment.first_booked_at is not None


def tell_staff(appointment, headline, key, **more) -> None:
    """`key` is what happened, of which each of them hears once."""
    for address in current_app.config["CLINIC"].recipients:
        _notice(appointment, address, f"{key}, staff", headline, **more)


def tell_practitioner(appointment, headline, key, *, to=None, staff_know=False, **more) -> None:
    """Its practitioner, or the one it is told `to`; not where `staff_know` of it at the same address.

    Who has left hears nothing: it is no part of their day any more.
    """
    who = to or appointment.practitioner
    told = {a.lower() for a in current_app.config["CLINIC"].recipients} if staff_know else ()
    is_here = who.works_on(clock.local(mails.current().at).date())
    if is_here and who.email and who.email.lower() not in told:
        _notice(appointment, who.email, f"{key}, {_as_practitioner(who)}", headline, **more)


def tell_practitioners_of_move(appointment, was, *, staff_know) -> None:
    """Both of them; once where they share an address."""
    both = (was.practitioner, appointment.practitioner)
    for person in {(person.email or "").lower(): person for person in both}.values():
        tell_practitioner(appointment, "Appointment moved", "moved", to=person, was=was, staff_know=staff_know)


def practitioner_readdressed(practitioner: Practitioner, *, was: str) -> None:
    """The practitioner's address `was` another one. Notices that have not gone out to it go to the new one, or are
    withdrawn where there is none."""
    theirs = OutboxMail.event.endswith(f", {_as_practitioner(practitioner)}")
    unsent_there = OutboxMail.state.in_(UNSENT) & func.lower(OutboxMail.to_address).in_(as_kept(was))
    which = _notices() & theirs & unsent_there
    if practitioner.email:
        changing.readdress(which, to=practitioner.email)
    else:
        changing.withdraw_all_untrue(which, reason=ADDRESS_GONE)


def _as_practitioner(who: Practitioner) -> str:
    """How the event of a notice to them ends: whoever has the appointment by now, it is theirs."""
    return f"practitioner {who.id}"


def _notices():
    """SQL: a notice to staff or a practitioner."""
    return (OutboxMail.about_kind == "appointment") & (OutboxMail.name == "appointment_notice")


def _notice(appointment, address, key, headline, **more) -> None:
    in_full = current_app.config["CLINIC"].staff_mail_detail == "full"
    notice = mails.written(
        "appointment_notice",
        appointment,
        to=address,
        reply_to=(appointment.name, appointment.email) if in_full and appointment.reachable_email else None,
        headline=headline,
        in_full=in_full,
        **more,
    )
    mails.enqueue(appointment, key, notice)
