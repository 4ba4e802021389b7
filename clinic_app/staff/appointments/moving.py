"""Moving an appointment: to a free time by one press, or to any time with a reason."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for

from ... import clock, database
from ...booking import appointments
from ...booking.appointments import STAFF
from ...booking.models import Appointment, Practitioner
from ...booking.refusals import ChangedMeanwhile, NotUpcoming, SlotNotOffered, SlotTaken
from ...web.times import read_day, read_start
from ..area import record
from ..calendar import access, free_times
from ..calendar.answers import done, in_vain, placed, told, words_of
from ..calendar.forms import TimeForm
from ..calendar.overriding import only_if_needed
from ..undoing import Said, flash_done
from . import unseen
from .area import bp


@bp.route("/<int:appointment_id>/move", methods=["GET", "POST"])
def move(appointment_id):
    appointment = access.appointment(appointment_id)
    if not appointment.is_upcoming:
        flash(words_of(NotUpcoming()), "error")
        return redirect(url_for(".show", appointment_id=appointment_id), 303)
    form = _form(appointment)
    if request.method == "GET":
        with database.transaction():
            record("opened", "appointment", appointment_id)
        return _page(appointment, form)
    to = read_time_with(request.form.get("to", ""), form.people)
    if to is None:
        if "look" in request.form or not form.validate():
            return _page(appointment, form)
        to = (form.starts_at, form.who)
    return _move(appointment, form, *to)


def read_time_with(text: str, people: dict[str, Practitioner]) -> tuple[datetime, Practitioner] | None:
    """The time and the practitioner of a button's `2026-11-24T0930 robin`; None for any other text."""
    start, _, slug = text.partition(" ")
    instant = read_start(start)
    return (instant, people[slug]) if instant and slug in people else None


def _form(appointment: Appointment) -> TimeForm:
    data = {"tell": True, "practitioner": request.args.get("practitioner") or appointment.practitioner.slug}
    form = TimeForm(data=data if request.method == "GET" else None)
    if request.method == "GET":
        form.set_start(appointment.starts_at)
        if day := read_day(request.args.get("day")):
            form.day.put(day)
    people = access.people()
    if access.is_within_reach(appointment.practitioner_id) and appointment.practitioner not in people:
        people.append(appointment.practitioner)  # who has left
    form.offer_people(people, anyone=False)
    return form


def _move(appointment: Appointment, form: TimeForm, starts_at: datetime, who: Practitioner):
    hand = unseen.hand()
    try:
        with database.transaction():
            only_if_needed(
                appointments.reschedule,
                appointment,
                override=form.override.data,
                starts_at=starts_at,
                practitioner=who,
                by=STAFF,
                tell_patient=form.tell.data,
                hand=hand,
            )
            said = _moved(appointment, form) if hand.change else in_vain("It is at that time already", appointment)
    except SlotTaken:
        form.at.errors = ["Someone else has that time, or a part of it. Choose another"]
        return _page(appointment, form, to=starts_at)
    except SlotNotOffered:
        form.override.errors = ["That time is outside hours. Give the reason to move it there anyway"]
        return _page(appointment, form)
    except ChangedMeanwhile:
        return _page(appointment, form)  # which tells it
    except NotUpcoming as refusal:
        flash(words_of(refusal), "error")
    else:
        flash_done(*said)
    return redirect(url_for(".show", appointment_id=appointment.id), 303)


def _moved(appointment: Appointment, form: TimeForm) -> Said:
    """What to flash of the move, which is recorded."""
    record("moved", "appointment", appointment.id, outside_hours=bool(appointment.override))
    return done(f"Moved to {placed(appointment)}. {told(appointment, form.tell.data)}", appointment)


def _page(appointment: Appointment, form: TimeForm, *, to: datetime | None = None) -> str:
    who = form.who or appointment.practitioner
    first = form.day.data or clock.local(to or appointment.starts_at).date()
    return render_template(
        "staff/appointments/move.html",
        appointment=appointment,
        form=form,
        who=who,
        days=free_times.days(appointment.service, who, first, ignoring=appointment),
        seen=unseen.latest(appointment),
        news=unseen.of(appointment),
    )
