"""The last day that a practitioner works. Appointments after it are listed first; nothing is done to them."""

from flask import render_template, request

from ... import database
from ...booking import lineup, stranding
from ...booking.refusals import WouldStrand
from ...keyset import row_number
from ..area import record
from . import find
from .area import practitioners as bp
from .forms import LeavingForm
from .practitioner_pages import page_of, saved


@bp.post("/<int:practitioner_id>/leave")
def leave(practitioner_id):
    person = find.practitioner(practitioner_id)
    form = LeavingForm()
    if not form.validate():
        return page_of(person, leaving=form)
    try:
        with database.transaction():
            person = find.practitioner(practitioner_id)
            lineup.leave(person, last_day=form.last_day.data, leaving=_known())
            record("set the last day of", "practitioner", practitioner_id, on=form.last_day.data.isoformat())
    except WouldStrand:
        return _ask(practitioner_id, form)
    return saved(practitioner_id, "Saved their last day.")


def _known() -> list[int]:
    """The numbers of the appointments that stood on the page."""
    numbers = map(row_number, request.form.get("leaving", "").split(","))
    return [number for number in numbers if number is not None]


def _ask(number: int, form: LeavingForm):
    person = find.practitioner(number)
    stranded = stranding.by_leaving(person, form.last_day.data)
    return render_template("staff/practitioners/leaving.html", person=person, form=form, stranded=stranded)


@bp.post("/<int:practitioner_id>/come-back")
def come_back(practitioner_id):
    with database.transaction():
        lineup.come_back(find.practitioner(practitioner_id))
        record("ended the leaving of", "practitioner", practitioner_id)
    return saved(practitioner_id, "They have no last day any more.")
