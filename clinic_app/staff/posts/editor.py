"""Writing a post: everything typed stays in front of who typed it until it is saved."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import current_app, jsonify, redirect, render_template, request, url_for
from flask_login import current_user

from ... import sent_forms
from ...blog import desk, diff, posts, revisions, writing
from ...blog.content import MAX_BODY, Composed, Content, InvalidPost, InvalidSlug, compose
from ...blog.models import Post, PostRevision
from ...database import transaction
from ...pictures import library as picture_library
from ...pictures import media
from ...text import markup
from ..area import member, record
from ..undoing import flash_done
from . import advising, history, library
from .area import bp, found, writer
from .forms import ACTIONS, PICTURE, PREVIEW, PUBLISH, SAVE, SCHEDULE, PostForm

if TYPE_CHECKING:
    from ...blog.checks import Advice

# A character takes four bytes at most, each of them three signs where the form is sent in the old way.
TEXT_BYTES = 12 * MAX_BODY
SAID = {
    "created": "Saved as a draft.",
    "saved": "Saved.",
    "published": "Published. Visitors see it now.",
    "scheduled": "Scheduled. It comes out by itself.",
    "unpublished": "It is a draft again. Visitors no longer see it.",
}


@dataclass
class Sheet:
    """What the editor's page shows besides the form."""

    advice: list["Advice"] = field(default_factory=list)
    asks: list["Advice"] = field(default_factory=list)  # before it goes out
    newer: PostRevision | None = None  # someone else's, saved meanwhile
    note: str = ""


@bp.url_value_preprocessor
def take_long_texts(endpoint, _values) -> None:
    """Let a text, and for members a picture beside it, be as large as it may. Before the form is read."""
    if endpoint in ("staff.posts.new", "staff.posts.edit", "staff.posts.preview", "staff.posts.pictures"):
        pictures = media.MAX_BYTES * 4 if current_user.is_authenticated else 0  # room to say which is too large
        request.max_content_length = TEXT_BYTES + pictures
        request.max_form_memory_size = TEXT_BYTES


@bp.route("/new", methods=["GET", "POST"])
def new():
    form = PostForm(author=_usual_author())
    if made := sent_forms.made_of(form.nonce.data):  # sent twice, or gone back to: it goes on with what it made
        return edit(made)
    return _answer(form, None)


@bp.route("/<int:post_id>", methods=["GET", "POST"])
def edit(post_id: int):
    post = found(post_id)
    return _answer(PostForm(post), post)


@bp.post("/preview")
def preview():
    """The preview and the advice for what is being typed, for the page's script. Writes nothing."""
    content = PostForm().typed()
    rendered = markup.render(content.body)
    parts = render_template("staff/posts/_live.html", content=content, rendered=rendered)
    advice = advising.advise(content)
    return jsonify(
        preview=parts,
        advice=render_template("staff/posts/_advice.html", advice=advice, content=content),
        count=len(advice),
        words=len(rendered.text.split()),
        minutes=rendered.reading_minutes,
    )


def _answer(form: PostForm, post: Post | None):
    action = request.form.get("action", SAVE)
    if request.method == "GET" or action not in ACTIONS or action == PREVIEW:
        return _page(form, post, Sheet())
    if action == PICTURE:
        return _page(form, post, _with_picture(form))
    if not (form.validate() & form.check_time(action)):
        return _page(form, post, Sheet())
    return _carry_out(form, post, action)


def _carry_out(form: PostForm, post: Post | None, action: str):
    content = form.content(action)
    try:
        composed = compose(content)
    except InvalidSlug as error:
        form.slug.errors = [f"Change the address: it {error.why}"]
        return _page(form, post, Sheet())
    except InvalidPost as error:
        form.form_errors.append(f"It cannot be saved: {error}")
        return _page(form, post, Sheet())
    asks = [] if content.draft else advising.unanswered(advising.advise(content), post)
    if not {each.key for each in asks} <= form.waved_keys():
        form.waved.data = ",".join(each.key for each in asks)
        return _page(form, post, Sheet(asks=asks))
    try:
        saved_id, said = _save(composed, form, post, action, asks)
    except posts.SlugTaken:
        form.slug.errors = ["Another post has this address. Choose another."]
    except writing.NewerRevision as newer:
        form.revision.data = str(newer.revision.number)
        return _page(form, post, Sheet(newer=newer.revision))
    else:
        flash_done(SAID[said], url_for(".unpublish", post_id=saved_id) if said == "published" else None)
        return redirect(url_for(".edit", post_id=saved_id), 303)
    return _page(form, post, Sheet())


def _save(
    composed: Composed, form: PostForm, post: Post | None, action: str, asks: list["Advice"]
) -> tuple[int, str]:
    """Save it and write that down; gives its number and what was done."""
    kept = {SAVE: "saved" if post else "created", PUBLISH: "published", SCHEDULE: "scheduled"}
    did = kept.get(action, "unpublished")
    details = {"waved_through": len(asks)} if asks else {}

    def save() -> int:
        saved = writing.save(
            composed,
            post=post and writing.find(post.id),
            began_with=form.began_with(),
            by=writer(),
            note="" if action == SAVE else did.capitalize(),
            waved_through=advising.as_stored(asks),
        )
        record(did, "post", saved.id, **details)
        return saved.id

    with transaction():
        return save() if post else sent_forms.once(form.nonce.data, save), did


def _with_picture(form: PostForm) -> Sheet:
    """Without script: take up the picture, and show it at the end of the text."""
    picture = library.upload(form)
    if picture is None:
        return Sheet()
    form.body.data = f"{(form.body.data or '').rstrip()}\n\n{picture.markdown}\n".lstrip()
    form.offer_pictures()
    form.picture_alt.data = ""
    return Sheet(note="The picture is at the end of the text. Move its line to where it belongs.")


def _page(form: PostForm, post: Post | None, sheet: Sheet) -> str:
    content: Content = form.typed()
    sheet.advice = advising.advise(content)
    newer = sheet.newer
    changed = diff.folded(diff.lines(newer.body, content.body.strip())) if newer else []
    return render_template(
        "staff/posts/edit.html",
        form=form,
        post=post,
        sheet=sheet,
        content=content,
        rendered=markup.render(content.body),
        changed=changed,
        fields=history.difference(form, newer) if newer else [],
        authors=desk.author_names(),
        topics=desk.topic_names(),
        library=picture_library.latest(12),
        revisions=revisions.latest_number(post.id) if post else 0,
        old_slugs=posts.old_slugs(post) if post else [],
    )


def _usual_author() -> str:
    """Whom a new post is by: the member, where posts are by them already, else the clinic."""
    name = member().name
    return name if name in desk.author_names() else current_app.config["CLINIC"].name
