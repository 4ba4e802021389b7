"""Correcting a patient's name, email address or phone number."""

from flask import flash, redirect, render_template, request, url_for

from ... import database
from ...booking import corrections, notifications
from ...booking.appointments import STAFF, Hand, Patient
from ...booking.locks import lock_appointment
from ...booking.models import Appointment
from ..area import member, record
from ..calendar import access
from ..contact_form import ANONYMOUS, ContactForm
from ..meanwhile import SavedMeanwhile
from .area import bp


@bp.route("/<int:appointment_id>/correct", methods=["GET", "POST"])
def correct(appointment_id):
    appointment = access.appointment(appointment_id)
    if appointment.is_anonymous:
        flash(ANONYMOUS, "error")
        return redirect(url_for(".show", appointment_id=appointment_id), 303)
    form = ContactForm.of(appointment)
    if request.method == "GET":
        with database.transaction():
            record("opened", "appointment", appointment_id)
        return _page(appointment, form)
    if not form.validate():
        return _page(appointment, form)
    try:
        with database.transaction():
            lock_appointment(appointment := access.appointment(appointment_id))
            said = _correct(appointment, form)
    except SavedMeanwhile:
        return _page(appointment, form)
    flash(said)
    return redirect(url_for(".show", appointment_id=appointment_id), 303)


def _correct(appointment: Appointment, form: ContactForm) -> str:
    """Do it, which nobody can undo; gives what to flash."""
    form.refuse_outdated(ContactForm.of(appointment, formdata=None))
    old_link, unheard = appointment.token_hash, notifications.unheard_end(appointment)
    hand = Hand(member_id=member().id, name=member().name)
    corrections.correct(appointment, patient=_patient(appointment, form), by=STAFF, hand=hand)
    if hand.change is None:
        return "Nothing was changed: the details were so already."
    record("corrected the details of", "appointment", appointment.id)
    is_mailed = bool(hand.change.mail_ids)
    if appointment.token_hash == old_link:
        heard = "The email that was still waiting goes out with them." if is_mailed else "No email goes out."
        return f"Details corrected. {heard}"
    heard = _heard(appointment, unheard, is_mailed=is_mailed)
    return f"Details corrected. {heard} The link in earlier emails no longer works."


def _heard(appointment: Appointment, unheard: str | None, *, is_mailed: bool) -> str:
    """What is heard at another address, or is not; `unheard` is the end that no mail had told of before."""
    if is_mailed:
        return f"The new address gets an email {f'that it was {unheard}' if unheard else 'with a new link'}."
    if appointment.email:
        return "No email goes out, as there is nothing to come."
    to_call = "There is no email address any more: please tell them by phone."
    return f"They have not heard that it was {unheard}. {to_call}" if unheard else to_call


def _patient(appointment: Appointment, form: ContactForm) -> Patient:
    return Patient(
        name=form.name.data,
        email=form.email.data or None,
        phone=form.phone.data or None,
        is_new=appointment.is_new,
        note=appointment.note,
        notice_version=appointment.notice_version,
    )


def _page(appointment: Appointment, form: ContactForm) -> str:
    return render_template("staff/appointments/correct.html", appointment=appointment, form=form)
