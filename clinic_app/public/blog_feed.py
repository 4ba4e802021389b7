"""What the Atom feed (RFC 4287) needs besides the posts."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from flask import current_app, url_for

from ..blog.models import Post

_SIZES = re.compile(r' (?:srcset|sizes)="[^"]*"')
_ON_THIS_SITE = re.compile(r'(?<= )(href|src)="(/(?!/)|#)')


def changed_at(entries: Sequence[Post]) -> datetime:
    """When an entry of the feed last changed, in UTC, whole seconds; a day long past where there is none.

    No answer is dated by it: what is hidden takes its date along.
    """
    changes = (entry.changed_at.replace(microsecond=0) for entry in entries)
    return max(changes, default=datetime(2000, 1, 1, tzinfo=UTC))


def full_content(post: Post) -> str:
    """The body as HTML whose addresses are whole, for readers that show it elsewhere; pictures in one size."""
    site = current_app.config["CLINIC"].public_url
    page = site + url_for("blog.post", slug=post.slug)
    return _ON_THIS_SITE.sub(
        lambda m: f'{m[1]}="{page if m[2] == "#" else site}{m[2]}', _SIZES.sub("", post.rendered)
    )
