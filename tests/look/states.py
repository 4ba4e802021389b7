"""The table of pages and the states in which they are looked at: visitors', and those around staff's sign-in."""

from .gate import GATE
from .public import PUBLIC
from .state import State

DESK = (State("staff: health", "/staff/health", role="owner"),)
STATES = PUBLIC + GATE + DESK
