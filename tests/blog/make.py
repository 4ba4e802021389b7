"""Posts for tests, in a line."""

from datetime import timedelta

from clinic_app import clock
from clinic_app.blog import posts
from clinic_app.blog.content import Composed, Content, Person, compose

ROBIN = Person("Robin Sample", role="Chiropractor")


def composed(slug: str = "first", **fields) -> Composed:
    """A public post of yesterday, ready to save."""
    standard = {
        "title": slug.replace("-", " ").capitalize(),
        "body": "Some words.",
        "author": ROBIN,
        "published_at": clock.now() - timedelta(days=1),
    }
    return compose(Content(slug=slug, **standard | fields))


def post(slug: str = "first", **fields):
    """The same, saved; the caller commits."""
    return posts.save(composed(slug, **fields))
