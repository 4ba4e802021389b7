"""Enquiries: lists, one with its whole story, all that can be done with it, and texts to answer with."""

from . import actions, correcting, lists, page, replying, templates
from .area import bp

bp.register_blueprint(templates.bp)

__all__ = ["actions", "bp", "correcting", "lists", "page", "replying"]
