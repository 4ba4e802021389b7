"""One appointment, and all that staff can do with it."""

from . import actions, moving, offering
from .area import bp

__all__ = ["actions", "bp", "moving", "offering"]
