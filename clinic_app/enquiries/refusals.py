"""Why something cannot be done with an enquiry; each is an answer for a person, never an error of the program."""


class Refused(Exception):
    """The base of all refusals."""


class NotSpam(Refused):
    """The enquiry is not held as spam."""


class HeldAsSpam(Refused):
    """The enquiry is held as spam: it has to be taken back first."""


class NotClosed(Refused):
    """The enquiry was never closed, so it cannot be opened again."""


class NoAddress(Refused):
    """The enquiry came without an email address: nobody can be answered by mail."""


class WrittenMeanwhile(Refused):
    """Somebody has written or done something about the enquiry since: it has to be seen first."""


class NameTaken(Refused):
    """Another reply template has this name."""
