"""The pages of practitioners."""

from functools import partial

from flask import abort, flash, redirect, render_template, request, url_for

from ... import database, sent_forms
from ...booking import lineup, links, profiles
from ...booking.models import Practitioner, Service
from ...booking.refusals import HasHistory
from ..area import lock, record, row
from ..meanwhile import SavedMeanwhile
from .area import practitioners as bp
from .forms import FeedForm, LeavingForm, PhotoForm, PractitionerForm
from .service_pages import PLACES


@bp.get("")
def index():
    people = lineup.all_practitioners()
    gone = [person for person in people if lineup.has_left(person)]
    return render_template("staff/practitioners/index.html", here=people[: len(people) - len(gone)], gone=gone)


@bp.route("/new", methods=["GET", "POST"])
def new():
    form = PractitionerForm(services=profiles.services())
    if not form.validate_on_submit():
        return render_template("staff/practitioners/new.html", form=form)
    columns = form.columns()
    with database.transaction():
        number = sent_forms.once(form.nonce.data, partial(_add, form, columns))
    flash("Added. As soon as they have hours, they can be booked.")
    return redirect(url_for(".edit", practitioner_id=number), 303)


def _add(form: PractitionerForm, columns: dict) -> int:
    person = lineup.add_practitioner(columns.pop("name"), offers=_chosen(form), **columns)
    record("added", "practitioner", person.id)
    return person.id


@bp.route("/<int:practitioner_id>", methods=["GET", "POST"])
def edit(practitioner_id):
    person = row(Practitioner, practitioner_id)
    form = PractitionerForm(person, services=profiles.services())
    if not form.validate_on_submit():
        return page_of(person, form=form)
    columns = form.columns()
    try:
        with database.transaction():
            person = lock(row(Practitioner, practitioner_id))
            form.refuse_outdated(PractitionerForm(person, services=profiles.services(), formdata=None))
            retired = [service for service in person.services if service.retired]
            profiles.save_practitioner(person.slug, offers=_chosen(form) + retired, **columns)
            record("changed", "practitioner", practitioner_id)
    except SavedMeanwhile:
        return page_of(person, form=form)
    return saved(practitioner_id, "Saved.")


def page_of(person: Practitioner, **sent):
    """The page of a practitioner; `sent` are forms of it that came back."""
    forms = {
        "form": PractitionerForm(person, services=profiles.services(), formdata=None),
        "photo": PhotoForm(formdata=None, alt=person.photo_alt),
        "feed": FeedForm(formdata=None, shows_names=person.feed_shows_names),
        "leaving": LeavingForm(formdata=None, last_day=person.left_on),
    }
    return render_template(
        "staff/practitioners/edit.html",
        person=person,
        has_left=lineup.has_left(person),
        has_history=lineup.has_history(person),
        **(forms | sent),
    )


def saved(number: int, said: str):
    """Back to the page of the practitioner, saying what was done."""
    flash(said)
    return redirect(url_for(".edit", practitioner_id=number), 303)


def _chosen(form: PractitionerForm) -> list[Service]:
    return [service for service in profiles.services() if service.id in form.offers.data]


@bp.post("/<int:practitioner_id>/move")
def move(practitioner_id):
    places = PLACES.get(request.form.get("to")) or abort(400)
    with database.transaction():
        if lineup.move(row(Practitioner, practitioner_id), places=places):
            record("moved", "practitioner", practitioner_id, to=request.form["to"])
    return redirect(url_for(".index", _anchor=f"p{practitioner_id}"), 303)


@bp.post("/<int:practitioner_id>/feed")
def new_feed(practitioner_id):
    """A new secret address, which is shown in this answer and nowhere else."""
    with database.transaction():
        person = row(Practitioner, practitioner_id)
        person.feed_shows_names = FeedForm().shows_names.data
        url = links.new_feed_url(person)
        record("made a calendar address for", "practitioner", practitioner_id, names=person.feed_shows_names)
    return render_template("staff/practitioners/feed.html", person=row(Practitioner, practitioner_id), url=url)


@bp.post("/<int:practitioner_id>/feed/names")
def feed_names(practitioner_id):
    with database.transaction():
        shown = FeedForm().shows_names.data
        if did := lineup.change_feed(row(Practitioner, practitioner_id), shows_names=shown):
            record("changed the calendar of", "practitioner", practitioner_id, names=shown)
    said = "Saved what the calendar shows." if did else "The calendar shows that already, so this changed nothing."
    return saved(practitioner_id, said)


@bp.post("/<int:practitioner_id>/feed/end")
def end_feed(practitioner_id):
    with database.transaction():
        if did := links.end_feed(row(Practitioner, practitioner_id)):
            record("ended the calendar address of", "practitioner", practitioner_id)
    said = "The calendar address no longer works."
    return saved(practitioner_id, said if did else "There is no calendar address, so this changed nothing.")


@bp.post("/<int:practitioner_id>/remove")
def remove(practitioner_id):
    try:
        with database.transaction():
            person = row(Practitioner, practitioner_id)
            name = person.name
            lineup.remove(person)
            record("removed", "practitioner", practitioner_id)
    except HasHistory:
        flash("Appointments name them, so they cannot be removed. You can give them a last day.", "error")
        return redirect(url_for(".edit", practitioner_id=practitioner_id), 303)
    flash(f"Removed {name}.")
    return redirect(url_for(".index"), 303)
