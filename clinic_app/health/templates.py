"""Do templates of the clinic's own stand for one of the program's, and can they be read?"""

from flask import current_app
from jinja2 import BaseLoader, TemplateSyntaxError, meta

from .. import templating
from ..counting import how_many
from .finding import Findings


def find() -> Findings:
    """Each that cannot be read is wrong; one that stands for nothing, and that no other needs, is never used."""
    found = Findings("Templates")
    own, programs = templating.loaders(current_app)
    names = [name for name in own.list_templates() if not name.rpartition("/")[2].startswith(".")]
    used = set(programs.list_templates())
    for name in names:
        try:
            used |= _needed_by(name, own)
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            found.fail(f"{name}: {_words(error)}.", "Mend it or take it away: until then what needs it fails.")
    for name in names:
        if name not in used:
            found.warn(f"{name} stands for none of the program's.", "Give it the path of the one in templates/.")
    if not found:
        found.ok(f"{how_many(len(names), 'own template')}." if names else "None of your own.")
    return found


def _needed_by(name: str, own: BaseLoader) -> set[str | None]:
    """The templates that it extends, includes or imports, as far as their names stand in it."""
    source, *_ = own.get_source(current_app.jinja_env, name)
    current_app.jinja_env.compile(source, name)  # which misses filters too
    return set(meta.find_referenced_templates(current_app.jinja_env.parse(source)))


def _words(error: TemplateSyntaxError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return f"line {error.lineno}: {(error.message or '').rstrip('.')}"
