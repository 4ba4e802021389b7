"""Home, privacy, and what machines ask for."""

from flask import Blueprint, Response, abort, current_app, render_template, url_for

from .. import privacy_notice
from ..blog import posts
from ..booking import profiles
from ..health import storage
from ..testimonials import listing
from ..web.paging import page_number
from .keeping import kept
from .next_slots import booking_next_slots

bp = Blueprint("pages", __name__)

PAGES_FOR_ALL = (
    "pages.home",
    "booking.services",
    "blog.index",
    "testimonials.index",
    "contact.form",
    "pages.privacy",
)


@bp.get("/")
@kept()
def home():
    services = profiles.services()
    return render_template(
        "public/pages/home.html",
        services=services,
        practitioners=profiles.practitioners(),
        voices=listing.voices(3),
        posts=posts.latest(3),
        next_slots=booking_next_slots(services),
    )


@bp.get("/privacy")
@kept()
def privacy():
    notice = privacy_notice.privacy_notice()
    return render_template("public/pages/privacy.html", notice=notice, dated=privacy_notice.dated(notice.version))


@bp.get("/robots.txt")
def robots():
    """RFC 9309."""
    sitemap_url = current_app.config["CLINIC"].public_url + url_for(".sitemap")
    return Response(
        f"User-agent: *\nDisallow: /contact/thanks/\nDisallow: /staff/\nSitemap: {sitemap_url}\n",
        mimetype="text/plain",
    )


@bp.get("/sitemap.xml")
@kept()
def sitemap():
    """An index of sitemaps by sitemaps.org's protocol 0.9: none of them grows without end."""
    parts = [url_for(".sitemap_of_pages")]
    parts += [url_for(".sitemap_of_posts", page=page) for page in range(1, posts.sitemap_pages() + 1)]
    return _xml("public/pages/sitemap.xml", parts=parts)


@bp.get("/sitemap-pages.xml")
@kept()
def sitemap_of_pages():
    return _xml("public/pages/sitemap_of_pages.xml", endpoints=PAGES_FOR_ALL)


@bp.get("/sitemap-posts-<page>.xml")
@kept()
def sitemap_of_posts(page: str):
    number = page_number(page)
    if number > posts.sitemap_pages():
        abort(404)
    return _xml("public/pages/sitemap_of_posts.xml", posts=posts.sitemap_entries(number))


def _xml(template: str, **values) -> Response:
    return Response(render_template(template, **values), mimetype="application/xml")


@bp.get("/healthz")
def healthz():
    """For machines: 200 when an enquiry could be taken just now, 503 with the reason when not. Writes nothing."""
    if trouble := storage.trouble():
        current_app.logger.error("Not healthy: %s", trouble)
        return {"status": trouble}, 503, {"Cache-Control": "no-store"}
    return {"status": "ok"}, 200, {"Cache-Control": "no-store"}
