"""Why a backup is not made, or not put back. The text is for the person who asked: what is wrong, what to do."""


class Refusal(Exception):
    """Nothing was done, and what was there is there."""


class NotSetUp(Refusal):
    """There is no schema in the database, so nothing to back up."""


class AlreadyThere(Refusal):
    """The file to write is there, or the site to restore to has data."""


class AlreadyRunning(Refusal):
    """Another backup or restore of this site is at work."""


class ProgramFailed(Refusal):
    """A program of PostgreSQL's is missing or did not do what it was asked."""


class NotWhole(Refusal):
    """The file is no backup of this program, or not as it was written."""


class PassphraseNeeded(Refusal):
    """The backup is encrypted and no passphrase was given, or the wrong one."""


class NewerThanProgram(Refusal):
    """The backup was made by a later version of the program."""


class OtherDatabase(Refusal):
    """The backup is of the other kind of database."""


class StillInUse(Refusal):
    """The site runs: what it writes meanwhile would be lost."""


class NotTheOwner(Refusal):
    """The site's database user may not set aside what is there."""


class NotTaken(Refusal):
    """A row of one database breaks a rule of the other."""


class OlderThanProgram(Refusal):
    """The database to copy lacks migrations of this program."""
