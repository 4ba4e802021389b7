"""The area's blueprint."""

from ..area import area

bp = area("testimonials", __name__, needs=("testimonials",))
