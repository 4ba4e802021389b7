"""The blog: lists, search, feed and posts."""

from flask import Blueprint, Response, abort, redirect, render_template, url_for

from ..blog import posts
from ..blog.search import search as find
from ..web.paging import existing, is_page_number, page_number
from ..web.searches import words_asked
from . import blog_feed
from .cards import card_of_post
from .keeping import kept
from .structured_data import article

bp = Blueprint("blog", __name__)


@bp.get("/blog")
@kept(page=is_page_number)
def index():
    page = existing(posts.listed(page=page_number()))
    return render_template("public/blog/index.html", page=page, tags=posts.tags(), heading="Blog")


@bp.get("/blog/tag/<slug>")
@kept(page=is_page_number)
def tag(slug: str):
    topic = posts.get_tag(slug) or abort(404)
    page = existing(posts.listed(page=page_number(), tag=topic))
    if not page.total:  # its posts are drafts, or still to come
        abort(404)
    return render_template("public/blog/tag.html", page=page, tags=posts.tags(), tag=topic, heading=topic.name)


@bp.get("/blog/search")
def search():
    q = words_asked()
    return render_template("public/blog/search.html", q=q, page=existing(find(q, page=page_number())))


@bp.get("/blog/feed.atom")
@kept()
def feed():
    entries = posts.feed_entries()
    changed_at = blog_feed.changed_at(entries)
    text = render_template(
        "public/blog/feed.xml", entries=entries, changed_at=changed_at, full_content=blog_feed.full_content
    )
    return Response(text, mimetype="application/atom+xml")


@bp.get("/blog/<slug>")
@kept()
def post(slug: str):
    if not (found := posts.get(slug)):
        return redirect(url_for(".post", slug=posts.moved_to(slug) or abort(404)), 301)
    return render_template(
        "public/blog/post.html",
        post=found,
        related=posts.related(found),
        card=card_of_post(found),
        structured_data=article(found),
    )


def moved(slug: str):
    """Where the post is now that was under one of the old site's paths."""
    now = slug if posts.is_there(slug) else posts.moved_to(slug) or abort(404)
    return redirect(url_for("blog.post", slug=now), 301)


@bp.record
def keep_old_paths(state) -> None:
    """Answer `/post/<slug>` and the like (setting `old_post_paths`)."""
    for path in state.app.config["CLINIC"].old_post_paths:
        state.add_url_rule(f"/{path}/<slug>", f"moved_from_{path}", moved)
