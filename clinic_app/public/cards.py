"""The social cards of pages and posts, and where they are served."""

from flask import Blueprint, abort, current_app, redirect, request, send_file, url_for
from markupsafe import Markup

from ..blog import posts
from ..blog.models import Post
from ..pictures import social_cards
from ..pictures.social_cards import Card

bp = Blueprint("cards", __name__)
A_YEAR = 365 * 24 * 3600
OF_POST = "post-"
# The pages that have a card: the template whose title it shows, and what else that title knows.
PAGES = {
    "home": ("public/pages/home.html", {}),
    "privacy": ("public/pages/privacy.html", {}),
    "booking": ("public/booking/services.html", {}),
    "blog": ("public/blog/index.html", {"heading": "Blog"}),
    "testimonials": ("public/testimonials/index.html", {}),
    "contact": ("public/contact/form.html", {}),
}


@bp.get("/cards/<file_name>")
def card(file_name: str):
    """A card; only those of pages that are there, as they are now, are ever drawn. Old addresses lead to them."""
    found = _named(file_name.partition(".")[0]) or abort(404)
    if found.file_name != file_name:
        return redirect(card_url(found))
    response = send_file(social_cards.kept(found), max_age=A_YEAR)
    response.cache_control.public = response.cache_control.immutable = True
    return response


def _named(name: str) -> Card | None:
    if name.startswith(OF_POST):
        slug = name.removeprefix(OF_POST)
        post = posts.get(slug) or posts.get(posts.moved_to(slug) or "")
        return post and card_of_post(post)
    return _card_named(name) if name in PAGES else None


def card_of_post(post: Post) -> Card:
    """The card of a post: its title, and its picture where that is no drawing."""
    return Card(
        name=OF_POST + post.slug,
        title=post.title,
        note=f"{post.author.name} · {post.reading_minutes} min read",
        clinic=current_app.config["CLINIC"].name,
        picture=post.hero if has_photo(post) else "",
    )


def has_photo(post: Post) -> bool:
    """Whether the post has a picture that other sites can show: they take no SVG."""
    return bool(post.hero) and not post.hero.endswith(".svg")


def card_of_page() -> Card:
    """The card of the page being shown: its own, or that of its area."""
    endpoint = request.endpoint or ""
    for name in (endpoint.rpartition(".")[2], request.blueprint):
        if name in PAGES:
            return _card_named(name)
    return _card_named("home")


def card_url(card: Card) -> str:
    """The card's address on this site."""
    return url_for("cards.card", file_name=card.file_name)


def _card_named(name: str) -> Card:
    clinic = current_app.config["CLINIC"]
    is_place = name in ("home", "booking", "contact")
    return Card(
        name=name,
        title=_title(*PAGES[name]),
        note=(clinic.address if is_place else "") or clinic.tagline,
        clinic=clinic.name,
        art="runner" if name == "home" else "spine",
    )


def _title(template_name: str, known: dict) -> str:
    """The heading that the page has, also where a clinic has put a template of its own in place.

    The clinic's name, where that has none, or one that takes more to make than is known here.
    """
    clinic = current_app.config["CLINIC"]
    template = current_app.jinja_env.get_template(template_name)
    try:
        words = "".join(template.blocks["title"](template.new_context({"clinic": clinic, **known})))
    except Exception:  # whatever their own template asks for: its page is shown all the same
        words = ""
    return Markup(words).unescape() or clinic.name  # noqa: S704 - back to text


@bp.record
def tell_templates(state) -> None:
    """Let every page name its card."""
    state.app.jinja_env.globals.update(card_of_page=card_of_page, card_url=card_url)
