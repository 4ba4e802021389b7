"""The page behind an appointment's secret link. Only POST changes things: mail scanners open every link they see.

Who has the link may do all of this, and nobody else can, so no other proof is asked for. (`refuse_other_sites`
would do harm here: without a referrer, browsers that know no Fetch Metadata send `Origin: null`.)
"""

from datetime import datetime, timedelta

from flask import Blueprint, Response, redirect, render_template, request, url_for

from .. import clock, rate_limits
from ..booking import appointments, availability, calendar, links, refusals, requests
from ..booking.availability import Openings
from ..booking.models import Appointment
from ..booking.placing import cutoff_of
from ..database import transaction
from ..paths import MANAGE_PATH
from ..web.fields import AtMost, TextField
from ..web.page_form import PageForm
from ..web.times import read_day, read_start, start_text
from . import limits, offers
from .week import week_of

bp = Blueprint("manage", __name__, url_prefix=MANAGE_PATH.rstrip("/"))
REASON_LENGTH = 500
SOON = timedelta(days=1)  # no answer within so many working days comes before a start that is nearer than this
# What an address may say has just happened.
NOTES = ("booked", "already", "corrected", "readdressed", "moved", "chosen", "cancelled")


class CancelForm(PageForm):
    """Why it is cancelled, from who likes to tell."""

    reason = TextField(
        "Would you like to tell us why? (optional)",
        [AtMost(REASON_LENGTH, "your reason")],
        description="Please leave out medical details.",
    )


@bp.errorhandler(refusals.LinkNotFound)
def unknown(_error):
    return render_template("public/manage/unknown.html"), 404


@bp.get("/<token>")
def show(token):
    note = request.args.get("note")
    return _show_page(token, note if note in NOTES else None)


@bp.get("/<token>/appointment.ics")
def calendar_file(token):
    return Response(
        calendar.download(links.find(token)),
        content_type="text/calendar; charset=utf-8; method=PUBLISH",
        headers={"Content-Disposition": "attachment; filename=appointment.ics"},
    )


@bp.get("/<token>/move")
def choose_time(token):
    appointment = links.find(token)
    if not _can_change(appointment):
        return _show(token)
    return _times_page(appointment, token, read_day(request.args.get("week")))


@bp.post("/<token>/move")
def move(token):
    starts_at = read_start(request.form.get("to", ""))
    if starts_at is None:
        return redirect(url_for(".choose_time", token=token), 303)
    day = clock.local(starts_at).date()
    try:
        with transaction():
            appointment = links.find(token)
            _refuse_unseen(appointment)
            is_elsewhere = appointment.starts_at != starts_at
            if is_elsewhere and _can_change(appointment):
                limits.count(email=appointment.email, phone=appointment.phone)
            appointments.reschedule(appointment, starts_at=starts_at)
    except (refusals.TooLateToChange, refusals.NotUpcoming, refusals.ChangedMeanwhile):
        return _show(token)
    except rate_limits.TooOften as refusal:
        return _times_page(links.find(token), token, day, too_often=refusal), 429
    except (refusals.SlotTaken, refusals.SlotNotOffered):
        return _times_page(links.find(token), token, day, gone=starts_at), 409
    return _show(token, "moved" if is_elsewhere else None)


def _refuse_unseen(appointment: Appointment) -> None:
    """Raise ChangedMeanwhile where the page told another time or practitioner: staff have moved it since."""
    stands = {"at": start_text(appointment.starts_at), "with": appointment.practitioner.slug}
    if any(request.form.get(name, now) != now for name, now in stands.items()):
        raise refusals.ChangedMeanwhile


@bp.post("/<token>/choose")
def choose_offered(token):
    try:
        with transaction():
            appointment = links.find(token)
            _choose(appointment, request.form.get("offered"))
    except refusals.NotUpcoming:
        return _show(token)  # answered already: pressed twice, as a rule
    except (refusals.SlotTaken, refusals.SlotNotOffered):
        return _show_page(token, "gone"), 409
    return _show(token, "chosen")


def _choose(appointment: Appointment, text: str | None) -> None:
    """Raises NotUpcoming, SlotTaken; SlotNotOffered too where this names no time that is offered.

    A time is named by itself: its row's number may be another's by now.
    """
    for offered in appointment.offered:
        if text == f"{start_text(offered.starts_at)} {offered.practitioner.slug}":
            requests.choose(appointment, practitioner=offered.practitioner, starts_at=offered.starts_at)
            return
    raise refusals.SlotNotOffered if appointment.status == "requested" else refusals.NotUpcoming


@bp.get("/<token>/cancel")
def ask_to_cancel(token):
    appointment = links.find(token)
    return _page("cancel", appointment, token, form=CancelForm()) if _can_change(appointment) else _show(token)


@bp.post("/<token>/cancel")
def cancel(token):
    form = CancelForm()
    if not form.validate():
        return _page("cancel", links.find(token), token, form=form)
    try:
        with transaction():
            appointment = links.find(token)
            _refuse_unseen(appointment)
            appointments.cancel(appointment, reason=form.reason.data or "")
    except (refusals.TooLateToChange, refusals.NotUpcoming, refusals.ChangedMeanwhile):
        return _show(token)
    return _show(token, "cancelled")


def _show(token: str, note: str | None = None):
    return redirect(url_for(".show", token=token, note=note), 303)


def _can_change(appointment: Appointment) -> bool:
    return appointment.is_upcoming and clock.now() <= appointments.changeable_until(appointment)


def _state(appointment: Appointment) -> str:
    """booked (who has come early too), requested, offered, lapsed (a request), cancelled or past."""
    now = clock.now()
    if appointment.status == "requested":
        return _state_of_request(appointment, now)
    if appointment.status in ("booked", "fulfilled"):
        return "booked" if now < appointment.ends_at else "past"
    return "cancelled" if appointment.status == "cancelled" else "past"


def _state_of_request(appointment: Appointment, now: datetime) -> str:
    if any(now < offered.starts_at for offered in appointment.offered):
        return "offered"
    if appointment.starts_at < now:
        return "lapsed"
    return "offered" if appointment.offered else "requested"


def _times_page(appointment: Appointment, token: str, wanted, **why):
    person = appointment.practitioner
    openings = availability.load(appointment.service, practitioner=person, ignoring=appointment)
    others = [other for other in offers.of(appointment.service.slug).people if other.id != person.id]
    final_before = _final_before(appointment, openings)
    week = week_of(openings, wanted)
    return _page("move", appointment, token, week=week, has_others=bool(others), final_before=final_before, **why)


def _final_before(appointment: Appointment, openings: Openings) -> datetime | None:
    """Of the free times, those before this instant can't be changed here once they are chosen; None: all can."""
    is_request = appointment.status == "requested" or appointment.service.confirm == "staff"
    before = clock.now() + cutoff_of(appointment.service, is_request=is_request)
    return before if openings.soonest and openings.soonest.starts_at < before else None


def _show_page(token: str, note: str | None) -> str:
    appointment = links.find(token)
    return _page("show", appointment, token, note=note, offered=requests.open_offers(appointment))


def _page(name: str, appointment: Appointment, token: str, **context) -> str:
    now = clock.now()
    return render_template(
        f"public/manage/{name}.html",
        appointment=appointment,
        token=token,
        state=_state(appointment),
        can_change=_can_change(appointment),
        changeable_until=appointments.changeable_until(appointment),
        has_started=appointment.starts_at <= now,
        starts_soon=appointment.starts_at <= now + SOON,
        **context,
    )
