"""What people say about the clinic, word for word."""

from flask import Blueprint, render_template

from ..testimonials import listing
from ..web.paging import existing, is_page_number, page_number
from .keeping import kept

bp = Blueprint("testimonials", __name__)


@bp.get("/testimonials")
@kept(page=is_page_number)
def index():
    page = existing(listing.published(page_number()))
    featured = listing.featured() if page.page == 1 else None
    return render_template("public/testimonials/index.html", featured=featured, page=page)
