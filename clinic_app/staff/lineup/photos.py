"""Practitioners' photos: taken up by `pictures`, which checks what they are and makes the sizes that pages use."""

from contextlib import closing

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from ... import database
from ...booking import lineup
from ...booking.models import Practitioner
from ...pictures import media, uploads
from ..area import record, row
from .area import practitioners as bp
from .forms import PhotoForm
from .practitioner_pages import page_of, saved

LARGEST_FORM = media.MAX_BYTES + 64 * 1024


@bp.post("/<int:practitioner_id>/photo")
def photo(practitioner_id):
    request.max_content_length = LARGEST_FORM
    person = row(Practitioner, practitioner_id)
    try:
        form = PhotoForm()
    except RequestEntityTooLarge:
        form = PhotoForm(formdata=None, alt=person.photo_alt)
        form.photo.errors = [uploads.TOO_LARGE]
        return page_of(person, photo=form)
    if not form.validate():
        if form.photo.data:
            form.photo.errors = ["Choose the photo again: browsers don’t keep it"]
        return page_of(person, photo=form)
    if not (name := _taken(form, person.photo)):
        return page_of(person, photo=form)
    with database.transaction():
        if lineup.change_photo(row(Practitioner, practitioner_id), name, alt=form.alt.data):
            record("changed the photo of", "practitioner", practitioner_id)
    return saved(practitioner_id, "Saved the photo.")


def _taken(form: PhotoForm, kept: str) -> str:
    """The name of the picture that was sent, else of the one that is there; empty, with an error, for neither."""
    if not (sent := request.files.get(form.photo.name)):
        form.photo.errors = [] if kept else ["Choose a photo"]
        return kept
    try:
        with closing(sent):
            return uploads.take(sent.read(), sent.filename).name
    except media.NotAPicture as refusal:
        form.photo.errors = [str(refusal)]
        return ""


@bp.post("/<int:practitioner_id>/photo/remove")
def remove_photo(practitioner_id):
    with database.transaction():
        if did := lineup.change_photo(row(Practitioner, practitioner_id), "", alt=""):
            record("removed the photo of", "practitioner", practitioner_id)
    return saved(practitioner_id, "Removed the photo." if did else "There is no photo, so this changed nothing.")
