"""Visitors' pages, a blueprint each."""

from flask import Flask

from . import blog, booking, calendars, cards, closed_times, contact, manage, manifest, media, pages, testimonials

BLUEPRINTS = (
    pages.bp,
    blog.bp,
    testimonials.bp,
    booking.bp,
    manage.bp,
    calendars.bp,
    contact.bp,
    media.bp,
    cards.bp,
    manifest.bp,
)


def init_app(app: Flask) -> None:
    """Register the blueprints."""
    closed_times.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
