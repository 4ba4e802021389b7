"""Do templates of the clinic's own stand for one of the program's, and can they be read?"""

from flask import current_app
from jinja2 import TemplateSyntaxError, meta, nodes

from .. import templating
from ..lists.counting import how_many
from .finding import Findings

NEEDING = (nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)
TO_DO = "Mend it or take it away: until then what needs it fails."


def find() -> Findings:
    """Each that cannot be read, or that needs one that is not there, is wrong; one that nothing uses is a slip."""
    found, names, programs = Findings("Templates"), templating.own(), templating.programs()
    used = set(programs).union(*(_named_by(name, {*names, *programs}, found) for name in names))
    if found:
        return found
    for name in names:
        if name not in used and None not in used:  # a name that is made while a page is
            found.warn(f"{name} stands for none of the program's.", "Give it the path of the one in templates/.")
    return found or found.ok(f"{how_many(len(names), 'own template')}." if names else "None of your own.")


def _named_by(name: str, known: set[str], found: Findings) -> set[str | None]:
    """The templates that this one may use; what is wrong with it is added to what was found."""
    try:
        tree = _parsed(name)
    except (TemplateSyntaxError, UnicodeDecodeError, OSError, RecursionError) as error:
        found.fail(f"{name}: {_words(error)}.", TO_DO)
        return set()
    for missing in sorted(_needed_by(tree) - known):
        found.fail(f"{name} needs {missing}, which is not there.", TO_DO)
    return set(meta.find_referenced_templates(tree))


def _parsed(name: str) -> nodes.Template:
    templates, source = current_app.jinja_env, templating.source_of_own(name)
    templates.compile(source, name)  # which misses filters too
    return templates.parse(source)


def _needed_by(tree: nodes.Template) -> set[str]:
    """The templates that it cannot do without, as far as their names stand in it."""
    parts = (part for part in tree.find_all(NEEDING) if not getattr(part, "ignore_missing", False))
    return {part.template.value for part in parts if isinstance(part.template, nodes.Const)}


def _words(error: Exception) -> str:
    if isinstance(error, TemplateSyntaxError):
        return f"line {error.lineno}: {(error.message or '').rstrip('.')}"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else "it cannot be read"
