"""Testimonials: what waits for a decision, what visitors see, and what they do not."""

from . import decisions, imports, order, pages, several
from .area import bp

__all__ = ["bp", "decisions", "imports", "order", "pages", "several"]
