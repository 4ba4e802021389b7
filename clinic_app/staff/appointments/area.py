"""The area's blueprint."""

from ..area import area

bp = area("appointments", __name__, needs=("calendar", "own_calendar"))
