"""The last day that a practitioner works. Appointments after it are listed first; nothing is done to them."""

from flask import url_for

from ... import database
from ...booking import lineup, stranding
from ...booking.models import Practitioner
from ..area import record, row
from ..calendar import asking
from .area import practitioners as bp
from .forms import LeavingForm
from .practitioner_pages import page_of, saved


@bp.post("/<int:practitioner_id>/leave")
def leave(practitioner_id):
    person = row(Practitioner, practitioner_id)
    form = LeavingForm()
    if not form.validate():
        return page_of(person, leaving=form)
    try:
        with database.transaction():
            person = row(Practitioner, practitioner_id)
            asking.check(stranding.by_leaving(person, form.last_day.data))
            if did := lineup.leave(person, last_day=form.last_day.data):
                record("set the last day of", "practitioner", practitioner_id, on=form.last_day.data.isoformat())
    except asking.WouldStrand as question:
        back = url_for(".edit", practitioner_id=practitioner_id)
        return asking.page(question, what="Save the last day", back=back)
    said = "Saved their last day." if did else "That is their last day already, so this changed nothing."
    return saved(practitioner_id, said)


@bp.post("/<int:practitioner_id>/come-back")
def come_back(practitioner_id):
    with database.transaction():
        if did := lineup.come_back(row(Practitioner, practitioner_id)):
            record("ended the leaving of", "practitioner", practitioner_id)
    said = "They have no last day any more." if did else "They have no last day, so this changed nothing."
    return saved(practitioner_id, said)
