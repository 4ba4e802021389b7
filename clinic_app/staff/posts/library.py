"""The library of pictures: uploading them, and saying what they show."""

from flask import flash, jsonify, redirect, render_template, request, url_for
from wtforms import FileField

from ...database import transaction
from ...lists import keyset
from ...pictures import library as picture_library
from ...pictures import media, uploads
from ...pictures.library import LONGEST_ALT, Picture
from ...web.fields import AtMost, LineField, Required, clean_line
from ...web.searches import words_asked
from ..area import record, row
from ..forms import StaffForm
from .area import bp, writer

PAGE = 24


class UploadForm(StaffForm):
    """A picture and what it shows."""

    picture = FileField("Picture", description=uploads.TAKEN)
    picture_alt = LineField(
        "What it shows",
        [AtMost(LONGEST_ALT, "what the picture shows")],
        description="Read out to people who cannot see it.",
    )


class AltForm(StaffForm):
    """What a picture of the library shows."""

    alt = LineField(
        "What it shows", [Required("what the picture shows"), AtMost(LONGEST_ALT, "what the picture shows")]
    )


@bp.route("/pictures", methods=["GET", "POST"], endpoint="pictures")
def library():
    form = UploadForm()
    picture = upload(form) if request.method == "POST" else None
    if request.accept_mimetypes.best == "application/json":
        return _as_json(form, picture)
    if picture:
        flash("Uploaded.")
        return redirect(url_for(".pictures"), 303)
    return _page(form)


@bp.post("/pictures/<int:picture_id>/alt")
def describe(picture_id):
    """Say anew what a picture shows. Posts keep the words that they have."""
    form = AltForm()
    listed_at = url_for(".pictures", **{key: request.args.get(key) for key in ("q", "at")})
    picture = row(Picture, picture_id, listed_at=listed_at)
    if not form.validate():
        flash(form.alt.errors[0], "error")
        return redirect(listed_at, 303)
    with transaction():
        picture.alt = form.alt.data
        record("described", "picture", picture.id)
    flash("Saved. Posts that show the picture keep the words they have.")
    return redirect(listed_at, 303)


def upload(form: StaffForm) -> Picture | None:
    """Take up the form's `picture`; None, with the reason beside the field, where that cannot be."""
    file, alt = form.picture, form.picture_alt
    sent = request.files.get(file.name)
    file.errors = [] if sent else ["Choose a picture"]
    if alt.validate(form) and not alt.data:
        alt.errors = ["Say what the picture shows"]
    if file.errors or alt.errors:
        return None
    try:
        stored = uploads.take(sent.read(media.MAX_BYTES + 1), sent.filename)
    except media.NotAPicture as error:
        file.errors = [str(error)]
        return None
    by = writer()
    with transaction():
        picture = picture_library.keep(
            stored, alt=alt.data, file_name=clean_line(sent.filename), by=by.name, member_id=by.member_id
        )
        record("uploaded", "picture", picture.id)
    return picture


def _as_json(form: UploadForm, picture: Picture | None):
    if picture is None:
        return jsonify(picture=form.picture.errors[:1], picture_alt=form.picture_alt.errors[:1]), 422
    return jsonify(markdown=picture.markdown, name=picture.name, alt=picture.alt, url=picture.small_url)


def _page(form: UploadForm) -> str:
    q = words_asked()
    page = keyset.page(picture_library.listed(q), order=[Picture.id.desc()], size=PAGE, at=request.args.get("at"))
    return render_template("staff/posts/pictures.html", form=form, page=page, q=q)
