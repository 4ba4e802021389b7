"""Why a testimonial is not received or decided on; the text of each says it for a person."""

from collections.abc import Collection


class Refused(Exception):
    """The base of all refusals."""


class UnusableTestimonial(Refused):
    """It has no words or no name, or holds what cannot be stored."""


class AlreadyReceived(Refused):
    """An item of this source is here already."""


class UnknownTestimonials(Refused):
    """No testimonial has one of these numbers."""

    def __init__(self, ids: Collection[int]) -> None:
        numbers = ", ".join(str(i) for i in sorted(ids))
        super().__init__(f"There is no testimonial {numbers}." if len(ids) == 1 else f"No testimonials {numbers}.")
        self.ids = ids


class ConsentWithdrawn(Refused):
    """The person took their consent back: their words may not be shown until they give it again."""


class ConsentNotGivenYet(Refused):
    """The day on which the person is said to have agreed is still to come."""


class NotPublished(Refused):
    """Only what is published can be featured or has a place in the order."""


class DecidedMeanwhile(Refused):
    """Someone else decided after the page was read on which this decision was made."""


class FeaturedMeanwhile(Refused):
    """Someone else featured another testimonial at the same moment."""
