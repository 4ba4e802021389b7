"""Why something cannot be done with an account; each is an answer for a person, never an error of the program."""


class Refused(Exception):
    """The base of all refusals."""


class AlreadyJoined(Refused):
    """Someone of staff with this address has taken up an invitation before."""


class NotActive(Refused):
    """The member was deactivated."""


class InvitationVoid(Refused):
    """The invitation was used, was replaced by a newer one, or is too old."""


class LastOwner(Refused):
    """There would be no owner left who can sign in."""


class NotFound(LookupError):
    """Nobody of staff has this address."""
