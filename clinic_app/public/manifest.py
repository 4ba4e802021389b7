"""What phones and browsers ask for to show the site among their own: its name, colours and icons."""

import json

from flask import Blueprint, Response, current_app, redirect, request, url_for

from ..pictures import drawing

bp = Blueprint("manifest", __name__)
SHORT = 12  # characters that fit under an icon
A_DAY = 24 * 3600


@bp.get("/site.webmanifest")
def manifest():
    """The web app manifest (W3C)."""
    clinic = current_app.config["CLINIC"]
    about = {
        "name": clinic.name,
        "short_name": _short(clinic.name),
        "description": clinic.tagline,
        "lang": clinic.language,
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "theme_color": drawing.SPRUCE,
        "background_color": drawing.GROUND,
        "icons": _icons(),
        "shortcuts": [
            {"name": "Book an appointment", "url": url_for("booking.services")},
            {"name": "Contact us", "url": url_for("contact.form")},
        ],
    }
    response = Response(json.dumps(about, ensure_ascii=False), mimetype="application/manifest+json")
    response.cache_control.public, response.cache_control.max_age = True, A_DAY
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/favicon.ico", defaults={"name": "favicon.ico"})
@bp.get("/apple-touch-icon.png", defaults={"name": "apple-touch-icon.png"})
def icon(name: str):
    """Where programs look that read no page."""
    response = redirect(url_for("static", filename=f"img/{name}"))
    response.cache_control.public, response.cache_control.max_age = True, A_DAY
    return response


def _icons() -> list[dict[str, str]]:
    kinds = [
        ("favicon.svg", "any", "image/svg+xml", "any"),
        ("icon-192.png", "192x192", "image/png", "any"),
        ("icon-512.png", "512x512", "image/png", "any"),
        ("icon-mask-512.png", "512x512", "image/png", "maskable"),
    ]
    return [
        {"src": url_for("static", filename=f"img/{name}"), "sizes": sizes, "type": kind, "purpose": purpose}
        for name, sizes, kind, purpose in kinds
    ]


def _short(name: str) -> str:
    """As many whole words of the name as fit under an icon; all of it where not even the first does."""
    short = name[: SHORT + 1].rpartition(" ")[0] if len(name) > SHORT else name
    return short or name
