"""The area's blueprint."""

from ...accounts.roles import CALENDARS
from ..area import area

bp = area("calendar", __name__, needs=CALENDARS)
