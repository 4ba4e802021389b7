"""Practitioners' weekly hours, time off and extra hours."""

from datetime import time
from functools import partial

from flask import flash, redirect, render_template, url_for

from ... import clock, database, sent_forms
from ...booking import hours as domain
from ...booking import lineup, profiles, stranding
from ...booking.models import Practitioner
from ...checks import DAYS
from ...times.opening import in_words
from ..area import lock, record
from ..meanwhile import SavedMeanwhile
from . import access, asking
from .area import bp
from .forms import ExceptionForm, WeekForm

WORDS = {"time_off": "Time off", "extra_hours": "Extra hours"}


@bp.get("/hours")
def hours_of_all():
    people = access.people()
    weeks = {number: _week_in_words(week) for number, week in domain.weekly(people).items()}
    outside = stranding.outside_hours(lineup.all_practitioners() if access.sees_all() else people)
    return render_template("staff/calendar/hours_of_all.html", people=people, weeks=weeks, outside=outside)


def _week_in_words(hours: dict[int, list[tuple[time, time]]]) -> list[tuple[str, str]]:
    """(`Mon`, `9:00 am to 12:00 pm, 1:00 pm to 5:00 pm`) for each day with hours."""
    return [(DAYS[day][:3].capitalize(), in_words(periods)) for day, periods in hours.items() if periods]


@bp.route("/hours/<int:practitioner_id>", methods=["GET", "POST"])
def hours(practitioner_id):
    person = access.practitioner(practitioner_id)
    form = WeekForm.of(person)
    if not form.validate_on_submit():
        return _page(person, week=form)
    try:
        with database.transaction():
            form.refuse_outdated(WeekForm.of(lock(person), formdata=None))
            asking.check(stranding.by_weekly_hours(person, form.week()))
            profiles.set_hours(person, form.week())
            record("changed the hours of", "practitioner", person.id)
    except SavedMeanwhile:
        return _page(person, week=form)
    except asking.WouldStrand as question:
        return asking.page(question, what="Save these hours", back=_address(practitioner_id))
    flash("Saved the weekly hours.")
    return redirect(_address(practitioner_id), 303)


@bp.post("/hours/<int:practitioner_id>/exceptions")
def add_exception(practitioner_id):
    person = access.practitioner(practitioner_id)
    form = ExceptionForm()
    if not form.validate():
        return _page(person, exception=form)
    try:
        with database.transaction():
            sent_forms.once(form.nonce.data, partial(_add, person, form))
    except asking.WouldStrand as question:
        return asking.page(question, what="Add the time off", back=_address(practitioner_id))
    flash(f"Added: {WORDS[form.kind.data].lower()}, {_told(form)}.")
    return redirect(_address(practitioner_id), 303)


def _add(person: Practitioner, form: ExceptionForm) -> int:
    reason = form.reason.data
    if form.is_extra:
        made = [domain.add_extra_hours(person, period, reason=reason) for period in form.daily()]
    else:
        asking.check(stranding.by_absence(form.period(), practitioner=person))
        made = [domain.take_time_off(person, form.period(), reason=reason)]
    record(f"added {WORDS[form.kind.data].lower()} to", "practitioner", person.id)
    return made[0].id


def _told(form: ExceptionForm) -> str:
    """When it is, such as `Mon 14 Dec 2026 to Wed 23 Dec 2026, 6:00 pm to 8:00 pm each day`."""
    periods = form.daily() if form.is_extra else [form.period()]
    first, last = periods[0], periods[-1]
    if len(periods) == 1:
        return clock.format_period(*first)
    days = f"{clock.format_day(first.start)} to {clock.format_day(last.start)}"
    return f"{days}, {clock.format_time(form.starts.data)} to {clock.format_time(form.ends.data)} each day"


@bp.post("/hours/<int:practitioner_id>/exceptions/<int:exception_id>/remove")
def remove_exception(practitioner_id, exception_id):
    access.practitioner(practitioner_id)
    try:
        with database.transaction():
            exception = access.exception(exception_id, practitioner_id)
            asking.check(stranding.by_removing(exception))
            domain.remove(exception)
            record(f"removed {WORDS[exception.kind].lower()} from", "practitioner", practitioner_id)
    except asking.WouldStrand as question:
        return asking.page(question, what="Remove the extra hours", back=_address(practitioner_id))
    flash("Removed.")
    return redirect(_address(practitioner_id), 303)


def _page(person: Practitioner, *, week: WeekForm | None = None, exception: ExceptionForm | None = None) -> str:
    return render_template(
        "staff/calendar/hours.html",
        person=person,
        week=week or WeekForm.of(person, formdata=None),
        exception=exception or ExceptionForm(formdata=None),
        exceptions=[(one, clock.format_period(*one.period)) for one in domain.exceptions_of(person)],
        outside=stranding.outside_hours([person]),
    )


def _address(practitioner_id: int) -> str:
    return url_for(".hours", practitioner_id=practitioner_id)
