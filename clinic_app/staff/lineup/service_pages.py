"""The pages of services."""

from functools import partial

from flask import abort, flash, redirect, render_template, request, url_for

from ... import database, sent_forms
from ...booking import lineup, profiles
from ...booking.models import Practitioner, Service
from ...booking.refusals import HasHistory
from ..area import lock, record, row
from ..meanwhile import SavedMeanwhile
from ..undoing import flash_done
from .area import services as bp
from .forms import ServiceForm

PLACES = {"up": -1, "down": 1}


@bp.get("")
def index():
    gone = [person for person in lineup.all_practitioners() if lineup.has_left(person)]
    return render_template("staff/services/index.html", services=lineup.all_services(), gone=gone)


@bp.route("/new", methods=["GET", "POST"])
def new():
    people = profiles.practitioners()
    form = ServiceForm(people=people)
    if not form.validate_on_submit():
        return render_template("staff/services/edit.html", form=form, service=None)
    columns = form.columns()
    with database.transaction():
        number = sent_forms.once(form.nonce.data, partial(_add, form, columns))
    flash("Added. It can be booked now, where someone offers it and has hours.")
    return redirect(url_for(".edit", service_id=number), 303)


def _add(form: ServiceForm, columns: dict) -> int:
    service = lineup.add_service(form.name.data, offered_by=_chosen(form), **columns)
    record("added", "service", service.id)
    return service.id


@bp.route("/<int:service_id>", methods=["GET", "POST"])
def edit(service_id):
    service = row(Service, service_id)
    form = ServiceForm(service, people=profiles.practitioners())
    if not form.validate_on_submit():
        return _page(service, form)
    columns = form.columns()
    try:
        with database.transaction():
            service = lock(row(Service, service_id))
            form.refuse_outdated(ServiceForm(service, people=profiles.practitioners(), formdata=None))
            gone = [person for person in service.practitioners if lineup.has_left(person)]
            profiles.save_service(service.slug, name=form.name.data, offered_by=_chosen(form) + gone, **columns)
            record("changed", "service", service_id)
    except SavedMeanwhile:
        return _page(service, form)
    flash("Saved.")
    return redirect(url_for(".edit", service_id=service_id), 303)


def _page(service: Service, form: ServiceForm):
    return render_template(
        "staff/services/edit.html",
        form=form,
        service=service,
        upcoming=lineup.upcoming_of(service),
        has_history=lineup.has_history(service),
    )


def _chosen(form: ServiceForm) -> list[Practitioner]:
    return [person for person in profiles.practitioners() if person.id in form.offered_by.data]


@bp.post("/<int:service_id>/move")
def move(service_id):
    places = PLACES.get(request.form.get("to")) or abort(400)
    with database.transaction():
        if lineup.move(row(Service, service_id), places=places):
            record("moved", "service", service_id, to=request.form["to"])
    return redirect(url_for(".index", _anchor=f"s{service_id}"), 303)


@bp.post("/<int:service_id>/retire")
def retire(service_id):
    with database.transaction():
        if did := lineup.retire(row(Service, service_id)):
            record("retired", "service", service_id)
    if did:
        said = "Retired. It cannot be booked any more; its appointments stay as they are."
        flash_done(said, url_for(".bring_back", service_id=service_id))
    else:
        flash("It is retired already, so this changed nothing.")
    return redirect(url_for(".edit", service_id=service_id), 303)


@bp.post("/<int:service_id>/bring-back")
def bring_back(service_id):
    with database.transaction():
        if did := lineup.bring_back(row(Service, service_id)):
            record("brought back", "service", service_id)
    flash("It can be booked again." if did else "It can be booked already, so this changed nothing.")
    return redirect(url_for(".edit", service_id=service_id), 303)


@bp.post("/<int:service_id>/remove")
def remove(service_id):
    try:
        with database.transaction():
            service = row(Service, service_id)
            name = service.name
            lineup.remove(service)
            record("removed", "service", service_id)
    except HasHistory:
        flash("Appointments name this service, so it cannot be removed. You can retire it.", "error")
        return redirect(url_for(".edit", service_id=service_id), 303)
    flash(f"Removed {name}.")
    return redirect(url_for(".index"), 303)
