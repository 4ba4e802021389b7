"""Jinja for pages and mails, and where it finds templates: a clinic's own go before the program's."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from flask import Flask, current_app
from flask.templating import Environment
from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader

T = TypeVar("T")


class Templates(Environment):
    """Flask's, whose templates look the globals up in a plain dictionary.

    Jinja compares the globals at each import, and with its own kind of map that takes ten times as long. A plain
    dictionary is a copy: globals are to be given before the first template is loaded, which Jinja asks for anyway.
    """

    def make_globals(self, d):
        return {**self.globals, **(d or {})}


def init_app(app: Flask) -> None:
    """Let templates in `instance/templates/` stand for the program's of the same path."""
    app.jinja_loader = ChoiceLoader([FileSystemLoader(Path(app.instance_path) / "templates"), app.jinja_loader])


def own() -> list[str]:
    """The names of the clinic's own templates; what begins with a dot is some other program's."""
    return [name for name in _loaders()[0].list_templates() if "/." not in f"/{name}"]


def source_of_own(name: str) -> str:
    """The text of one of them. Raises UnicodeDecodeError and OSError."""
    return _loaders()[0].get_source(current_app.jinja_env, name)[0]


def programs() -> list[str]:
    """The names of the program's."""
    return _loaders()[1].list_templates()


def surely(name: str, templates: Environment, render: Callable[[Environment], T]) -> T:
    """What `render` makes by these templates; by the program's alone where one of the clinic's own fails."""
    try:
        return render(templates)
    except Exception:
        if not own():
            raise
        current_app.logger.exception("%s failed with your own templates: the program's is used", name)
        return render(templates.overlay(loader=_loaders()[1]))


def render_surely(name: str, **context) -> str:
    """A page for visitors who meet an error, whatever has become of the clinic's own, such as the frame of all."""

    def render(templates: Environment) -> str:
        given = dict(context)
        current_app.update_template_context(given)
        return templates.get_template(name).render(given)

    return surely(name, current_app.jinja_env, render)


def _loaders() -> list[BaseLoader]:
    """That of the clinic's own, and that of the program's."""
    return current_app.jinja_loader.loaders
