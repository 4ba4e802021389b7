"""Jinja for pages and mails, and where it finds templates: a clinic's own go before the program's."""

from pathlib import Path

from flask import Flask
from flask.templating import Environment
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader


class Templates(Environment):
    """Flask's, whose templates look the globals up in a plain dictionary.

    Jinja compares them at each import, and its own map takes ten times as long. So globals are given before the
    first template is loaded, which Jinja asks for anyway.
    """

    def make_globals(self, d):
        return {**self.globals, **(d or {})}


def init_app(app: Flask) -> None:
    """Let templates in `instance/templates/` stand for the program's of the same path."""
    app.jinja_environment = Templates
    app.jinja_loader = ChoiceLoader([FileSystemLoader(Path(app.instance_path) / "templates"), app.jinja_loader])


def programs(app: Flask, **options) -> Environment:
    """The environment as it is without the clinic's own templates; `options` as for `Environment.overlay`."""
    _, programs = loaders(app)
    return app.jinja_env.overlay(loader=programs, **options)


def loaders(app: Flask) -> tuple[BaseLoader, BaseLoader]:
    """Those of the clinic's own templates and of the program's."""
    own, programs = app.jinja_loader.loaders
    return own, programs
