"""What the pages of posts share."""

from flask import request

from ...blog import writing
from ...blog.models import Post
from ...blog.revisions import Writer
from ..area import area, member, there

bp = area("posts", __name__, needs=("posts",))


@bp.teardown_request
def close_files(_error) -> None:
    """Large pictures that were sent lie in temporary files."""
    request.close()


def found(post_id: int) -> Post:
    """The post. Raises Gone."""
    return there(writing.find(post_id))


def writer() -> Writer:
    """The signed-in member, as revisions name them."""
    return Writer(member().name, member().id)
