"""Why a backup is not made, or not put back. The text is for the person who asked: what is wrong, what to do."""


class Refused(Exception):
    """Nothing was done, and what was there is there."""


class NotSetUp(Refused):
    """There is no schema in the database, so nothing to back up."""


class AlreadyThere(Refused):
    """The file to write is there, or the site to restore to has data."""


class AlreadyRunning(Refused):
    """Another backup or restore of this site is at work."""


class NotReadable(Refused):
    """A file or folder of the site's own, which belongs into a backup, cannot be read."""

    def __init__(self, path: object, error: OSError) -> None:
        super().__init__(
            f"{path} belongs into the backup and cannot be read: {error.strerror}. Give it to the site's user, "
            "put a whole one in its place, or take it away; then back up again."
        )


class ProgramFailed(Refused):
    """A program of PostgreSQL's is missing or did not do what it was asked."""


class NotWhole(Refused):
    """The file is no backup of this program, or not as it was written."""


class PassphraseNeeded(Refused):
    """The backup is encrypted and no passphrase was given, or the wrong one."""


class NewerThanProgram(Refused):
    """The backup was made by a later version of the program."""


class OtherDatabase(Refused):
    """The backup is of the other kind of database."""


class StillInUse(Refused):
    """The site runs: what it writes meanwhile would be lost."""


class NotTheOwner(Refused):
    """The site's database user may not set aside what is there."""


class NotTaken(Refused):
    """A row of one database breaks a rule of the other."""


class OlderThanProgram(Refused):
    """The database to copy lacks migrations of this program."""
