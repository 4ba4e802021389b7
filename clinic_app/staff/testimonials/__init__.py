"""Testimonials: what waits for a decision, what visitors see, and what they do not."""

from . import decisions, erasing, imports, order, pages, several
from .area import bp

__all__ = ["bp", "decisions", "erasing", "imports", "order", "pages", "several"]
