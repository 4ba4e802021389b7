"""The calendar: days and weeks, requests, booking for someone, hours, time off and closures."""

from . import book, closures, hours, requests, views
from .area import bp

__all__ = ["book", "bp", "closures", "hours", "requests", "views"]
