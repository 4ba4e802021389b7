"""Where links of this site lead, and why some lead nowhere: asked before a post goes out."""

import re
from collections.abc import Callable

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from ...blog import posts
from ...booking import profiles
from ...pictures import media
from ...web import static_files

NO_PAGE = "There is no page at this address."
NOT_PUBLIC = "Only staff can open it, or whoever has the secret link."


def why_dead(path: str) -> str:
    """Why visitors who follow a link to this path of the site get nowhere; empty where they get somewhere."""
    if path.startswith("/static/"):
        return _static(path.removeprefix("/static/"))
    try:
        endpoint, arguments = current_app.url_map.bind("localhost").match(path.rstrip("/") or "/", method="GET")
    except RequestRedirect:
        return ""
    except HTTPException:
        return NO_PAGE
    if endpoint.startswith(("staff.", "security.", "manage.", "calendars.")):
        return NOT_PUBLIC
    if endpoint.startswith("blog.moved_from_"):
        endpoint = "blog.post"
    return CHECKS[endpoint](**arguments) if endpoint in CHECKS else ""


def _static(name: str) -> str:
    return "" if static_files.is_there(re.sub(r"\.[0-9a-f]{10}(?=\.\w+$)", "", name)) else NO_PAGE


def _post(slug: str) -> str:
    if posts.is_there(slug) or posts.moved_to(slug):
        return ""
    return "The post there is not out yet." if posts.exists(slug) else "There is no post at this address."


def _topic(slug: str) -> str:
    found = posts.get_tag(slug)
    return "" if found and found in posts.tags() else "No post is out on this topic."


def _picture(name: str) -> str:
    return "" if (media.folder() / name).is_file() else "The picture is not there."


def _booking(service: str = "", person: str = "", **_) -> str:
    if service and service not in {each.slug for each in profiles.services()}:
        return "There is no such service."
    if person not in ("", "anyone") and person not in {each.slug for each in profiles.practitioners()}:
        return "There is no such practitioner."
    return ""


CHECKS: dict[str, Callable[..., str]] = {
    "blog.post": _post,
    "blog.tag": _topic,
    "media.picture": _picture,
    "booking.people": _booking,
    "booking.times": _booking,
    "booking.details": _booking,
}
