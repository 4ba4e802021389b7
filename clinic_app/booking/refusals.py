"""Why an appointment cannot be made or changed; each is an answer for a person, never an error of the program."""

from datetime import datetime


class Refused(Exception):
    """The base of all refusals."""


class SlotTaken(Refused):
    """Someone else has the time (its argument, where it could be one of several), or a part of it."""


class SlotNotOffered(Refused):
    """The time (as above) lies outside hours, notice, horizon or the service's grid: nobody can have it."""


class OtherTerms(Refused):
    """The service takes another time, costs another price or is confirmed otherwise than its patient was told."""


class TooManyAppointments(Refused):
    """This person has as many upcoming appointments as the setting `appointments_per_person` allows."""


class TooLateToChange(Refused):
    """The cut-off has passed; `until` is the instant up to which it could be changed."""

    def __init__(self, until: datetime):
        super().__init__(until)
        self.until = until


class NotUpcoming(Refused):
    """The appointment was cancelled, has been, or is not in the state that the change needs."""


class TooEarly(Refused):
    """Nobody can have come to it yet, or failed to; `since` is the instant from which that can be said."""

    def __init__(self, since: datetime):
        super().__init__(since)
        self.since = since


class TooLateToUndo(Refused):
    """The moment in which the change could be undone has passed, or it never could be."""


class ChangedSince(Refused):
    """The appointment has been changed again after the change that is to be undone."""


class ChangedMeanwhile(Refused):
    """The appointment has been changed since what its changer has seen: that has to be seen first."""


class MailHasGone(Refused):
    """A mail about the change has gone out: undoing it would leave someone with wrong news."""


class HasHistory(Refused):
    """Appointments name it, so it can be retired (or leave) but not be removed."""


class LinkNotFound(Refused):
    """No appointment or calendar has this secret link (any more)."""
