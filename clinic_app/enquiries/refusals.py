"""Why something cannot be done with an enquiry; each is an answer for a person, never an error of the program."""


class Refused(Exception):
    """The base of all refusals."""


class HeldAsSpam(Refused):
    """The enquiry is held as spam: it has to be taken back first."""


class MadeAnonymous(Refused):
    """The enquiry is nobody's any more: there is nobody to correct, to mail or to answer."""


class AssignedMeanwhile(Refused):
    """Somebody else looks after the enquiry than whoever gives it away knows."""


class DoneAgain(Refused):
    """What was to be undone has been undone and done again since: that is no longer the same."""


class CannotLookAfter(Refused):
    """Who is to look after the enquiry can sign in no more, or may not see enquiries."""


class NoAddress(Refused):
    """The enquiry came without an email address: nobody can be answered by mail."""


class WrittenMeanwhile(Refused):
    """Somebody has written or done something about the enquiry since: it has to be seen first."""


class NameTaken(Refused):
    """Another reply template has this name."""
