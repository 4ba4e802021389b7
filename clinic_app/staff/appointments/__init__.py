"""One appointment, and all that staff can do with it."""

from . import actions, correcting, minors, moving, offering
from .area import bp

__all__ = ["actions", "bp", "correcting", "minors", "moving", "offering"]
