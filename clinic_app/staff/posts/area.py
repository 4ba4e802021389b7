"""What the pages of posts share."""

from flask import flash, redirect, request, url_for

from ...blog import writing
from ...blog.models import Post
from ...blog.revisions import Writer
from ..area import area, member, there

bp = area("posts", __name__, needs=("posts",))


@bp.teardown_request
def close_files(_error) -> None:
    """Large pictures that were sent lie in temporary files."""
    request.close()


@bp.errorhandler(writing.NewerRevision)
def show_what_stands(_):
    """For buttons: where something was typed, the editor shows both."""
    flash(
        "Someone else has saved this post meanwhile, so nothing was changed. This is how it stands now.", "error"
    )
    return redirect(url_for("staff.posts.edit", post_id=request.view_args["post_id"]), 303)


def found(post_id: int) -> Post:
    """The post. Raises Gone."""
    return there(writing.find(post_id))


def writer() -> Writer:
    """The signed-in member, as revisions name them."""
    return Writer(member().name, member().id)
