"""The calendar: days and weeks, booking for someone, hours, time off and closures."""

from . import book, closures, hours, views
from .area import bp

__all__ = ["book", "bp", "closures", "hours", "views"]
