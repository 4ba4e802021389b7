"""The order in which visitors see testimonials."""

from flask import abort, flash, redirect, render_template, request, url_for

from ... import database
from ...testimonials import listing, moderation, order
from ...testimonials.models import Testimonial
from ...testimonials.refusals import Refused
from ..area import record, row
from .area import bp

MOST_SHOWN = 100
PLACES = {"up": -1, "down": 1, "first": order.FIRST}


@bp.get("/order")
def arrange():
    shown = listing.shown(limit=MOST_SHOWN + 1)
    return render_template(
        "staff/testimonials/order.html",
        shown=shown[:MOST_SHOWN],
        more=len(shown) > MOST_SHOWN,
        is_arranged=any(testimonial.position is not None for testimonial in shown),
    )


@bp.post("/<int:testimonial_id>/move")
def move(testimonial_id):
    to = request.form.get("to")
    if to not in PLACES:
        abort(400)
    try:
        with database.transaction():
            order.move(row(Testimonial, testimonial_id), places=PLACES[to])
            record("moved", "testimonial", testimonial_id, to=to)
    except Refused as refusal:
        flash(str(refusal), "error")
    return redirect(url_for(".arrange", _anchor=f"t{testimonial_id}"), 303)


@bp.post("/order")
def by_date():
    with database.transaction():
        moderation.arrange([])
        record("ordered testimonials by date")
    flash("They are in order of date again, newest first.")
    return redirect(url_for(".arrange"), 303)
