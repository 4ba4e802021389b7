"""What a post was like before: its revisions, what changed between them, and bringing one back."""

from flask import flash, redirect, render_template, request, url_for

from ...blog import diff, revisions, writing
from ...blog.models import PostRevision
from ...database import transaction
from ...lists import keyset
from ..area import record, there
from . import advising
from .area import bp, found, writer
from .forms import PostForm

FIELDS = (
    *(("Title", "title"), ("Summary", "summary"), ("Address", "slug"), ("Author", "author"), ("Topics", "tags")),
    *(("Main picture", "hero"), ("What it shows", "hero_alt")),
)


@bp.get("/<int:post_id>/revisions")
def history(post_id: int):
    post = found(post_id)
    page = keyset.page(revisions.listed(post_id), order=[PostRevision.number.desc()], at=request.args.get("at"))
    return render_template(
        "staff/posts/revisions.html", post=post, page=page, newest=revisions.latest_number(post_id)
    )


@bp.get("/<int:post_id>/revisions/<int:revision_id>")
def revision(post_id: int, revision_id: int):
    """What the revision changed, or (`?against=now`) what has changed since."""
    post, shown = found(post_id), _revision(post_id, revision_id)
    newest = revisions.latest(post_id)
    to_now = request.args.get("against") == "now"
    old, new = (shown, newest) if to_now else (revisions.before(shown), shown)
    return render_template(
        "staff/posts/revision.html",
        post=post,
        revision=shown,
        newest=newest,
        to_now=to_now,
        old=old,
        fields=_changed_fields(old, new),
        changed=diff.folded(diff.lines(old.body if old else "", new.body)),
    )


@bp.post("/<int:post_id>/revisions/<int:revision_id>/restore")
def restore(post_id: int, revision_id: int):
    """Bring its words back. What visitors then see is advised on as ever; here that is only written down.

    `newest` is the revision that was the newest on the page.
    """
    post, wanted = found(post_id), _revision(post_id, revision_id)
    newest = keyset.row_number(request.form.get("newest", "")) or 0
    composed = writing.restored(wanted)
    content = composed.content
    advice = [] if content.draft else advising.unanswered(advising.advise(content), post)
    number, waved = wanted.number, advising.as_stored(advice)
    with transaction():
        restored = revisions.get(post_id, revision_id)
        writing.restore(restored, composed, began_with=newest, by=writer(), waved_through=waved)
        record("restored", "post", post_id, revision=number)
    flash(f"Revision {number} is back, as a new one.")
    return redirect(url_for(".edit", post_id=post_id), 303)


def difference(form: PostForm, revision: PostRevision) -> list[tuple[str, str, str]]:
    """What of a post besides its text is otherwise in a revision than in the form: (what, there, here)."""
    typed = form.typed()
    here = {name: getattr(typed, name) for _, name in FIELDS} | {
        "author": typed.author.name,
        "tags": ", ".join(sorted(typed.tags)),
    }
    both = [(label, _shown(revision, name), here[name]) for label, name in FIELDS]
    return [each for each in both if each[1].strip() != each[2].strip()]


def _revision(post_id: int, revision_id: int) -> PostRevision:
    return there(revisions.get(post_id, revision_id))


def _changed_fields(old: PostRevision | None, new: PostRevision) -> list[tuple[str, str, str]]:
    """What besides the text is otherwise: (what, as it was, as it is)."""
    both = [(label, _shown(old, name), _shown(new, name)) for label, name in FIELDS]
    return [each for each in both if each[1] != each[2]]


def _shown(revision: PostRevision | None, name: str) -> str:
    value = getattr(revision, name) if revision else ""
    return ", ".join(value) if isinstance(value, list) else value
