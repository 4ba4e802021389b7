"""Posts: the list, writing one, its revisions, and the library of pictures."""

from . import editor, history, library, lists
from .area import bp

__all__ = ["bp", "editor", "history", "library", "lists"]
