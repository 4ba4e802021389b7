"""What people say about the clinic, word for word."""

from flask import Blueprint, abort, render_template, request

from ..testimonials import listing

bp = Blueprint("testimonials", __name__)


@bp.get("/testimonials")
def index():
    number = request.args.get("page", 1, type=int)
    # The upper bound keeps the offset within what both databases can count.
    if not 1 <= number <= 1_000_000:
        abort(404)
    page = listing.published(number)
    if number > max(page.pages, 1):
        abort(404)
    return render_template(
        "public/testimonials/index.html", featured=listing.featured() if number == 1 else None, page=page
    )
