"""The area's blueprint."""

from ..area import area

bp = area("calendar", __name__, needs=("calendar", "own_calendar"))
