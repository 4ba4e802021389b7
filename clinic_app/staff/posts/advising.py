"""The advice on a post as this site gives it: its rules, its address, its links."""

from functools import cache
from typing import TYPE_CHECKING

from flask import current_app

from ...blog import revisions
from ...blog.content import Content
from ...blog.models import Post
from . import links

if TYPE_CHECKING:
    from ...blog.checks import Advice


def advise(content: Content) -> list["Advice"]:
    """All advice on the content."""
    from ...blog import checks  # its rules are loaded when an editor first asks for them

    site = current_app.config["CLINIC"]
    return checks.check(
        content, rules=site.testimonial_rules, site=site.public_url, why_dead=cache(links.why_dead)
    )


def unanswered(advice: list["Advice"], post: Post | None) -> list["Advice"]:
    """The advice in spite of which the post has not gone out before."""
    known = revisions.waved_through(post.id) if post else set()
    return [each for each in advice if each.key not in known]


def as_stored(advice: list["Advice"]) -> list[dict]:
    """The advice as a revision keeps it."""
    return [each._asdict() | {"key": each.key, "place": each.place} for each in advice]
