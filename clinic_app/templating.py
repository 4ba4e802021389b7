"""Jinja for pages and mails, and where it finds templates: a clinic's own go before the program's."""

from pathlib import Path

from flask import Flask, current_app, render_template
from flask.templating import Environment
from jinja2 import ChoiceLoader, FileSystemLoader


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


def own() -> list[str]:
    """The names of the clinic's own templates; what begins with a dot is some other program's."""
    loader, _ = current_app.jinja_loader.loaders
    return [name for name in loader.list_templates() if "/." not in f"/{name}"]


def source_of_own(name: str) -> str:
    """The text of one of them. Raises UnicodeDecodeError and OSError."""
    loader, _ = current_app.jinja_loader.loaders
    return loader.get_source(current_app.jinja_env, name)[0]


def programs(**options) -> Environment:
    """The environment without the clinic's own; `options` are of Jinja's `Environment.overlay`."""
    _, loader = current_app.jinja_loader.loaders
    return current_app.jinja_env.overlay(loader=loader, **options)


def render_surely(name: str, **context) -> str:
    """A page for visitors who meet an error: the program's where one of the clinic's own fails, such as the frame
    of all pages."""
    try:
        return render_template(name, **context)
    except Exception:
        if not own():
            raise
        current_app.logger.exception("%s failed with your own templates: the program's is shown", name)
        current_app.update_template_context(context)
        return programs().get_template(name).render(context)
