"""Renders a mail from its folder: templates/email/<name>/{subject.txt,body.txt,body.html}.

A template knows its context, `clinic` (the settings) and `url_for`, which builds whole addresses on the setting
`public_url`. No request is involved: web, worker and command line write the same mail. A name that the context
lacks raises jinja2.UndefinedError rather than leaving a gap in a letter.

A clinic may put templates of its own in their place. One that fails loses no enquiry and no appointment: the mail
goes out in the program's words, and the log says why.
"""

from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Flask, current_app
from jinja2 import Environment, StrictUndefined

from .. import clock, templating
from .addresses import SUBJECT_LENGTH, one_line, plain_text

FOLDER = "email"


class Rendered(NamedTuple):
    """A mail's texts."""

    subject: str
    text: str
    html: str


def render(name: str, context: dict) -> Rendered:
    """The mail that the folder `name` makes of the context; its subject is on one line, whatever it was given.

    Raises jinja2.TemplateNotFound and jinja2.UndefinedError for faults of ours.
    """
    given = {**context, "clinic": current_app.config["CLINIC"], "url_for": public_url_for}
    return templating.surely(name, _templates(), lambda templates: _rendered(templates, name, given))


def _rendered(templates: Environment, name: str, given: dict) -> Rendered:
    subject, text, html = (
        templates.get_template(f"{FOLDER}/{name}/{part}").render(given)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return Rendered(
        subject=one_line(subject, SUBJECT_LENGTH),
        text=plain_text(text).strip() + "\n",
        html=clock.unbroken(plain_text(html)).strip() + "\n",
    )


def public_url_for(endpoint: str, **values) -> str:
    """The whole address of a page, on the setting `public_url`; like Flask's url_for, with no request needed."""
    base = urlsplit(current_app.config["CLINIC"].public_url)
    anchor = values.pop("_anchor", None)
    current_app.inject_url_defaults(endpoint, values)
    adapter = current_app.url_map.bind(base.netloc, url_scheme=base.scheme)
    url = adapter.build(endpoint, values, force_external=True)
    return f"{url}#{anchor}" if anchor else url


def _templates() -> Environment:
    app: Flask = current_app
    if "mail_templates" not in app.extensions:
        app.extensions["mail_templates"] = app.jinja_env.overlay(undefined=StrictUndefined)
    return app.extensions["mail_templates"]
