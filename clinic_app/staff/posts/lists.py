"""Staff's posts: the list, and taking one back that has just come out."""

from flask import flash, redirect, render_template, request, url_for

from ...blog import desk, revisions, search, writing
from ...blog.content import compose
from ...database import transaction
from ...extensions import db
from ...lists import keyset
from ...web.searches import words_asked
from ..area import record
from .area import bp, found, writer


@bp.get("")
def index():
    state = request.args.get("state", "")
    state = state if state in desk.STATES else ""
    q = words_asked()
    order, words = desk.order(state), search.words(q)
    page = keyset.page(desk.listed(state=state), order=order, at=request.args.get("at"), words=words)
    return render_template(
        "staff/posts/index.html", page=page, state=state, q=q, counts=desk.counts(), counted=desk.COUNTED
    )


@bp.post("/<int:post_id>/unpublish")
def unpublish(post_id: int):
    """Make it a draft again, as it is: what the flash after publishing undoes."""
    post = found(post_id)
    number = revisions.latest_number(post_id)
    db.session.refresh(post)  # what another saved between the two is counted, and must be here
    if post.draft:
        flash("It is a draft already, so this changed nothing.")
        return redirect(url_for(".edit", post_id=post_id), 303)
    composed = compose(revisions.content_of(post)._replace(draft=True))
    with transaction():
        post = writing.find(post_id)
        writing.save(composed, post=post, began_with=number, by=writer(), note="Unpublished")
        record("unpublished", "post", post_id)
    flash("It is a draft again. Visitors no longer see it.")
    return redirect(url_for(".edit", post_id=post_id), 303)
