"""Visitors' pages, a blueprint each."""

from flask import Flask

from . import blog, booking, contact, media, pages, testimonials

BLUEPRINTS = (pages.bp, blog.bp, testimonials.bp, booking.bp, contact.bp, media.bp)


def init_app(app: Flask) -> None:
    """Register the blueprints."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
