"""Testimonials: what waits for a decision, what visitors see, and what they do not."""

from ..area import area

bp = area("testimonials", __name__, needs=("testimonials",))

from . import decisions, imports, order, pages, several  # noqa: E402, F401  they hang their views on the blueprint
