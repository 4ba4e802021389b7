"""Why an appointment cannot be made or changed; each is an answer for a person, never an error of the program."""

from datetime import datetime


class Refused(Exception):
    """The base of all refusals."""


class SlotTaken(Refused):
    """Someone else has the time, or a part of it."""


class SlotNotOffered(Refused):
    """The time lies outside hours, notice, horizon or the service's grid: nobody can have it."""


class TooManyAppointments(Refused):
    """This person has as many upcoming appointments as the setting `appointments_per_person` allows."""


class TooLateToChange(Refused):
    """The cut-off has passed; `until` is the instant up to which it could be changed."""

    def __init__(self, until: datetime):
        super().__init__(until)
        self.until = until


class NotUpcoming(Refused):
    """The appointment was cancelled, has been, or is not in the state that the change needs."""


class LinkNotFound(Refused):
    """No appointment or calendar has this secret link (any more)."""
