"""A practitioner's calendar feed, behind a secret address that calendars subscribe to."""

from flask import Blueprint, Response

from ..booking import calendar, links, refusals
from ..paths import FEED_PATH

bp = Blueprint("calendars", __name__, url_prefix=FEED_PATH.rstrip("/"))


@bp.get("/<token>.ics")
def feed(token):
    try:
        text = calendar.feed(links.find_feed(token))
    except refusals.LinkNotFound:
        text = calendar.ended()
    return Response(text, content_type="text/calendar; charset=utf-8; method=PUBLISH")
