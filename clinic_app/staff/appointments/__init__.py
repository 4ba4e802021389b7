"""One appointment, and all that staff can do with it."""

from . import actions, minors, moving, offering
from .area import bp

__all__ = ["actions", "bp", "minors", "moving", "offering"]
