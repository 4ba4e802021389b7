"""All that is held under an email address or a phone number: looked up, given out, erased."""

from . import erasing, looking
from .area import bp

__all__ = ["bp", "erasing", "looking"]
