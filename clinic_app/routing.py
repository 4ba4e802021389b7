"""The site's addresses, as Werkzeug keeps them."""

from collections.abc import Callable

from werkzeug import routing


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
