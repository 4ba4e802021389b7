"""Addresses that posts had before. Each row leads to a post, not to an address, so there are no chains."""

from sqlalchemy import delete, select

from ..extensions import db
from .models import Post, PostRedirect


def note(post: Post, *, old: str | None) -> None:
    """Once the post is saved: have its `old` address lead to it, and its own address to no other post.

    `old` is None where nobody can have known an address. Flushes.
    """
    taken = delete(PostRedirect).where(PostRedirect.slug == post.slug)
    # A draft does not take an address from the post to which it leads: visitors would find nothing there.
    db.session.execute(taken.where(PostRedirect.post_id == post.id) if post.draft else taken)
    if old and old != post.slug:
        db.session.execute(delete(PostRedirect).where(PostRedirect.slug == old))
        db.session.add(PostRedirect(slug=old, post_id=post.id))
        db.session.flush()


def old_slugs(post: Post) -> list[str]:
    """The addresses that lead to the post besides its own."""
    query = select(PostRedirect.slug).filter_by(post_id=post.id).order_by(PostRedirect.slug)
    return list(db.session.scalars(query))
