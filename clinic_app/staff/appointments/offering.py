"""Offering other times in answer to a request: the patient takes one by their link."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for

from ... import clock, database
from ...booking import requests
from ...booking.models import Appointment, Practitioner
from ...booking.refusals import ChangedMeanwhile, NotUpcoming, SlotNotOffered, SlotTaken
from ...web.times import start_text
from ..area import record
from ..calendar import access, free_times
from ..calendar.answers import done, in_vain, words_of
from ..calendar.fields import DayField
from ..calendar.forms import PeopleForm
from ..undoing import Said, flash_done
from . import unseen
from .area import bp
from .moving import read_time_with

AT_MOST = 6
Time = tuple[datetime, Practitioner]


class OfferForm(PeopleForm):
    """Whose free times to look at, and from which day on."""

    day = DayField("From day", noun="the day", optional=True)


@bp.route("/<int:appointment_id>/offer", methods=["GET", "POST"])
def offer(appointment_id):
    appointment = access.appointment(appointment_id)
    if appointment.status != "requested":
        flash(words_of(NotUpcoming()), "error")
        return redirect(url_for(".show", appointment_id=appointment_id), 303)
    form = OfferForm(data={"practitioner": appointment.practitioner.slug} if request.method == "GET" else None)
    form.offer_people(access.people(), anyone=False)
    if request.method == "GET":
        with database.transaction():
            record("opened", "appointment", appointment_id)
        return _page(appointment, form, [(o.starts_at, o.practitioner) for o in requests.open_offers(appointment)])
    times = [found for text in request.form.getlist("times") if (found := read_time_with(text, form.people))]
    if "look" in request.form or not form.validate():
        return _page(appointment, form, times)
    if not 1 <= len(times) <= AT_MOST:
        return _page(appointment, form, times, wrong=f"Choose 1 to {AT_MOST} times")
    return _offer(appointment, form, times)


def _offer(appointment: Appointment, form: OfferForm, times: list[Time]):
    hand = unseen.hand()
    try:
        with database.transaction():
            requests.offer(appointment, times=[(who, at) for at, who in times], hand=hand)
            said = (
                _offered(appointment, times)
                if hand.change
                else in_vain("These times are offered already", appointment)
            )
    except (SlotTaken, SlotNotOffered):
        return _page(appointment, form, times, wrong="One of these times isn’t free any more. Choose another")
    except ChangedMeanwhile:
        return _page(appointment, form, times)  # which tells it
    except NotUpcoming as refusal:
        flash(words_of(refusal), "error")
    else:
        flash_done(*said)
    return redirect(url_for(".show", appointment_id=appointment.id), 303)


def _offered(appointment: Appointment, times: list[Time]) -> Said:
    """What to flash of the offer, which is recorded."""
    record("offered other times for", "appointment", appointment.id, times=len(times))
    heard = "The patient gets an email." if appointment.email else "Please tell them by phone."
    return done(f"Other times offered. {heard}", appointment)


def _page(appointment: Appointment, form: OfferForm, chosen: list[Time], *, wrong: str = "") -> str:
    who = form.who or appointment.practitioner
    first = form.day.data or max(clock.local(appointment.starts_at).date(), clock.today())
    return render_template(
        "staff/appointments/offer.html",
        appointment=appointment,
        form=form,
        who=who,
        chosen=[(f"{start_text(at)} {person.slug}", at, person) for at, person in chosen],
        days=free_times.days(appointment.service, who, first, ignoring=appointment),
        seen=unseen.latest(appointment),
        news=unseen.of(appointment),
        wrong=wrong,
        is_to_come=appointment.starts_at > clock.now(),
        at_most=AT_MOST,
    )
