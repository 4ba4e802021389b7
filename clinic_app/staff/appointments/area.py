"""The area's blueprint."""

from ...accounts.roles import CALENDARS
from ..area import area

bp = area("appointments", __name__, needs=CALENDARS)
