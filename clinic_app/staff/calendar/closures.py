"""When the whole clinic is closed."""

from datetime import timedelta
from functools import partial

from flask import flash, redirect, render_template, url_for

from ... import clock, database, sent_forms
from ...booking import hours, lineup, stranding
from ...booking.closed_days import public_holidays
from ..area import needs, record
from . import access, asking
from .area import bp
from .forms import PeriodForm

HOLIDAYS_AHEAD = timedelta(days=366)


@bp.route("/closures", methods=["GET", "POST"])
@needs("calendar")
def closures():
    form = PeriodForm()
    if not form.validate_on_submit():
        return _page(form)
    try:
        with database.transaction():
            sent_forms.once(form.nonce.data, partial(_close, form))
    except asking.WouldStrand as question:
        return asking.page(question, what="Close the clinic", back=url_for(".closures"))
    flash(f"Added: closed {clock.format_period(*form.period())}.")
    return redirect(url_for(".closures"), 303)


def _close(form: PeriodForm) -> int:
    asking.check(stranding.by_absence(form.period()))
    closure = hours.close_clinic(form.period(), reason=form.reason.data)
    record("closed the clinic", "closure", closure.id)
    return closure.id


@bp.post("/closures/<int:exception_id>/remove")
@needs("calendar")
def remove_closure(exception_id):
    with database.transaction():
        hours.remove(access.exception(exception_id, None))
        record("opened the clinic again", "closure", exception_id)
    flash("Removed. The clinic is open then, by everyone’s hours.")
    return redirect(url_for(".closures"), 303)


def _page(form: PeriodForm) -> str:
    today = clock.today()
    return render_template(
        "staff/calendar/closures.html",
        form=form,
        closures=[(one, clock.format_period(*one.period)) for one in hours.exceptions_of(None)],
        outside=stranding.outside_hours(lineup.all_practitioners()),
        holidays=public_holidays(today, today + HOLIDAYS_AHEAD),
    )
