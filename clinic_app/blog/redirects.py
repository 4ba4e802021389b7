"""Addresses that posts had before. Each row leads to a post, not to an address, so there are no chains."""

from sqlalchemy import delete

from .. import database
from ..extensions import db
from .models import Post, PostRedirect


def note(post: Post, *, old: str | None) -> None:
    """Once the post is saved: have its `old` address lead to it, and its own address to no other post.

    `old` is None where nobody can have known an address. Where visitors do not see the post yet, addresses go on
    leading to the posts to which they lead: visitors would find nothing there. Flushes.
    """
    taken = delete(PostRedirect).where(PostRedirect.slug.in_((post.slug, old)))
    db.session.execute(taken if post.state == "published" else taken.where(PostRedirect.post_id == post.id))
    if old and old != post.slug:
        leading = database.upsert(PostRedirect).values(slug=old, post_id=post.id)
        db.session.execute(leading.on_conflict_do_nothing())
