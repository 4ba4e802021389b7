"""Visitors' pages, a blueprint each."""

from flask import Flask

from . import blog, media, pages, testimonials

BLUEPRINTS = (pages.bp, blog.bp, media.bp, testimonials.bp)


def init_app(app: Flask) -> None:
    """Register the blueprints."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
