"""Staff write posts: each save is a revision, and nobody saves over what they have not seen."""

from collections.abc import Iterable

from sqlalchemy import select

from ..extensions import db
from ..lists import keyset
from . import posts, revisions
from .content import Composed, compose
from .models import Post, PostRevision
from .revisions import BEFORE, Writer, content_of


class NewerRevision(Exception):
    """Someone else has saved the post meanwhile: `revision` is what it is now."""

    def __init__(self, revision: PostRevision):
        super().__init__(f"revision {revision.number} by {revision.by}")
        self.revision = revision


def find(post_id: int) -> Post | None:
    """The post of this number, whoever may see it."""
    return db.session.get(Post, post_id) if post_id <= keyset.LARGEST_NUMBER else None


def save(
    composed: Composed,
    *,
    post: Post | None,
    began_with: int,
    by: Writer,
    note: str = "",
    waved_through: Iterable[dict] = (),
) -> Post:
    """Store a new post, or a change of `post` that was begun at its revision `began_with` (0: it had none).

    Flushes. Raises NewerRevision, or posts.SlugTaken, after which the transaction is lost. What changes nothing
    makes no revision.
    """
    if post is None:
        post = posts.save(composed)
        revisions.keep(post, by=by, note=note, waved_through=waved_through, number=1)
        return post
    newest = _newest_as_seen(post, began_with)
    posts.save(composed, post=post)
    waved_through = list(waved_through)
    if waved_through or not revisions.same(newest, post):
        revisions.keep(post, by=by, note=note, waved_through=waved_through, number=newest.number + 1)
    return post


def restore(
    revision: PostRevision,
    composed: Composed,
    *,
    began_with: int,
    by: Writer,
    waved_through: Iterable[dict] = (),
) -> PostRevision:
    """Make the post what `restored` has made of the revision when `began_with` was its newest; gives the new one.

    Flushes. Raises NewerRevision.
    """
    post = revision.post
    newest = _newest_as_seen(post, began_with)
    posts.save(composed, post=post)
    note = f"Restored revision {revision.number}"
    return revisions.keep(post, by=by, note=note, waved_through=waved_through, number=newest.number + 1)


def restored(revision: PostRevision) -> Composed:
    """The post with words, pictures, author and topics of one of its revisions.

    Its address stays, and whether and since when visitors see it. Takes a while, so do it before the transaction.
    """
    now = content_of(revision.post)
    return compose(
        now._replace(
            title=revision.title,
            summary=revision.summary,
            body=revision.body,
            author=now.author._replace(name=revision.author),
            tags=tuple(revision.tags),
            hero=revision.hero,
            hero_alt=revision.hero_alt,
        )
    )


def _newest_as_seen(post: Post, began_with: int) -> PostRevision:
    """The post's newest revision, its row held until the transaction ends; made of what it is if it has none.

    Raises NewerRevision where it is not the one that the change `began_with`.
    """
    db.session.execute(select(Post.id).where(Post.id == post.id).with_for_update())
    db.session.refresh(post)
    newest = revisions.latest(post.id) or revisions.keep(post, by=Writer(""), note=BEFORE, number=1)
    if newest.number != max(began_with, 1):
        raise NewerRevision(newest)
    return newest
