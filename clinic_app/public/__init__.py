"""Visitors' pages, a blueprint each."""

from flask import Flask

from . import pages

BLUEPRINTS = (pages.bp,)


def init_app(app: Flask) -> None:
    """Register the blueprints."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
