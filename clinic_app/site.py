"""The Flask application as this site runs it: what it does in another way than Flask itself."""

from collections.abc import Callable

from flask import Flask
from werkzeug import routing

from .templating import Templates


class Rule(routing.Rule):
    """Writes and compiles the two functions that build its address when the first one is built, not at the start:
    for all of the site's rules that was half of what `create_app` took."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = super()._compile_builder

        def build(rule, /, **values) -> tuple[str, str]:
            builder = compiled(append_unknown).__get__(rule)
            setattr(rule, "_build_unknown" if append_unknown else "_build", builder)
            return builder(**values)

        return build


class Site(Flask):
    """The site, whose log names no address: Flask's own record of a fault would."""

    url_rule_class = Rule
    jinja_environment = Templates

    def log_exception(self, exc_info) -> None:
        self.logger.error("A request could not be answered", exc_info=exc_info)
