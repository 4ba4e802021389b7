"""The table of pages in their states: visitors', those around the sign-in, and staff's."""

from .desk import DESK
from .gate import GATE
from .public import PUBLIC

STATES = PUBLIC + GATE + DESK
