"""Posts that come by an import: new ones, changed ones, and those that a person has changed here since."""

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from ..extensions import db
from ..imports.rows import BadRow, Outcome, Result
from . import posts, revisions
from .content import Composed, Content, InvalidPost, Person, compose
from .models import Author, Post
from .revisions import Writer, content_of

HELD = "was changed here since it was brought in; left as it is"


def prepare(content: Content) -> Composed:
    """Check and render; raises BadRow."""
    try:
        return compose(content)
    except InvalidPost as error:
        raise BadRow(str(error)) from None


def bring(composed: Composed, *, source: str, source_id: str, note: str = "") -> Result:
    """Create or update the post that `source` knows as `source_id`, unless it was changed here since.

    Flushes. One that stays as it is is locked for nobody. Raises BadRow when another post has its slug.
    """
    query = select(Post).filter_by(source=source, source_id=source_id)
    query = query.options(joinedload(Post.author), selectinload(Post.tags))
    compared = _compared(query, composed)
    if compared[-1] is Outcome.UPDATED:  # once more, when nobody else is at it
        compared = _compared(query.with_for_update(of=Post), composed)
    post, composed, outcome = compared
    if outcome is Outcome.HELD:
        return Result(outcome, HELD)
    if outcome is not Outcome.UNCHANGED:
        try:
            post = post or posts.new()
            post.source, post.source_id, post.source_digest = source, source_id, composed.content.digest()
            posts.save(composed, post=post)
            revisions.keep(post, by=Writer(f"Import ({source})"), number=1 if outcome is Outcome.CREATED else 0)
        except posts.SlugTaken as error:
            raise BadRow(f"slug {str(error)!r} is taken by another post") from None
    return Result(outcome, note)


def _compared(query: Select, composed: Composed) -> tuple[Post | None, Composed, Outcome]:
    """The post that is there, what is to be there, and what becomes of it."""
    post = db.session.scalar(query.execution_options(populate_existing=True))
    if post and composed.content.hero is None:
        composed = composed._replace(content=composed.content._replace(hero=post.hero))
    return post, composed, _outcome(post, composed.content.digest(), composed.content.author)


def _outcome(post: Post | None, digest: str, author: Person) -> Outcome:
    if post is None:
        return Outcome.CREATED
    here = content_of(post).digest()
    if here == digest:
        return Outcome.UNCHANGED if _knows(post.author, author) else Outcome.UPDATED
    return Outcome.UPDATED if here == post.source_digest else Outcome.HELD


def _knows(author: Author, person: Person) -> bool:
    return all(not value or getattr(author, name) == value for name, value in person._asdict().items())
