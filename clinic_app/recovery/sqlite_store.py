"""Backups of SQLite, by its online backup: a copy of one moment, for which no writer waits."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from ..files import copy_whole, keep_names, write_whole
from .copied import VERSIONS, Copied, is_counted
from .refusals import NotSetUp, NotWhole, Refused, StillInUse

BESIDE = ("", "-wal", "-shm")  # a database's files, by what is put behind its name
ASIDE, MARK = "before-restore-", "restore-is-under-way"  # a folder, with its stamp behind; a file in it
# Primary result codes (sqlite.org/rescode.html).
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class SQLiteStore:
    """The database in a file."""

    kind = "sqlite"
    member = "database.sqlite"

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.path = Path(engine.url.database)

    def copy(self, to: Path) -> Copied:
        """Copy the database as it is now. Raises NotSetUp, or NotWhole where it cannot be read or written."""
        try:
            with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(to)) as target:
                source.backup(target)
                target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
                return look(target)
        except sqlite3.DatabaseError as error:
            raise NotWhole(f"The database could not be copied: {error}.") from error

    def check(self, file: Path) -> tuple[Copied, str]:
        """Open a copy and read all of it; gives what is in it and how that was found. Raises NotWhole."""
        try:
            with closing(sqlite3.connect(file)) as copy:
                said = [row[0] for row in copy.execute("PRAGMA integrity_check")]
                if said != ["ok"] or copy.execute("PRAGMA foreign_key_check").fetchone():
                    raise NotWhole(f"The copy of the database is damaged: {said[0]}.")
                return look(copy), "restored to a scratch place, checked and counted"
        except (sqlite3.DatabaseError, NotSetUp) as error:
            raise NotWhole(f"The copy of the database cannot be read: {error}.") from error

    def holds(self) -> Copied | None:
        """What is in the database at present; None where it is not set up."""
        if not self.path.exists():
            return None
        try:
            with closing(sqlite3.connect(self.path)) as here:
                return look(here)
        except NotSetUp:
            return None
        except sqlite3.DatabaseError:
            return Copied(revision="", tables={})  # something is there, though it cannot be read

    def set_aside(self, stamp: str) -> str:
        """Put the database away, whatever state it is in; gives where it is. Raises StillInUse, or
        Refused where SQLite cannot tell."""
        self.engine.dispose()
        aside = self._aside(stamp)
        try:
            self.be_alone()
        except sqlite3.DatabaseError as error:
            raise Refused(
                f"The site's database cannot be set aside: {error}. Mend that, or stop the site and move "
                f"{self.path} away, and restore again."
            ) from error
        aside.mkdir(mode=0o700)
        write_whole(aside / MARK, b"1" if self.path.exists() else b"0")
        self._move(self.path.parent, aside)
        return str(aside)

    def put_in(self, file: Path) -> Copied:
        """Put a copy in the empty place; gives what is in it."""
        copy_whole(file, self.path)
        with closing(sqlite3.connect(self.path)) as here:
            return look(here)

    def take_back(self, stamp: str) -> None:
        """Put what was set aside where it was, in place of what came; also where that was begun before."""
        self.engine.dispose()
        aside = self._aside(stamp)
        is_aside, was_there = (aside / self.path.name).exists(), (aside / MARK).read_bytes() == b"1"
        for end in BESIDE if is_aside or not was_there else ():
            Path(f"{self.path}{end}").unlink(missing_ok=True)
        self._move(aside, self.path.parent)
        (aside / MARK).unlink()
        self.tidy(stamp)

    def broken_off(self) -> list[str]:
        """The stamps of restores that were killed: what is in the place of the database is not whole."""
        return [mark.parent.name.removeprefix(ASIDE) for mark in self.path.parent.glob(f"{ASIDE}*/{MARK}")]

    def end_restore(self, stamp: str) -> None:
        """What has come is whole, and stays."""
        (self._aside(stamp) / MARK).unlink()
        keep_names(self._aside(stamp))

    def tidy(self, stamp: str) -> None:
        """Leave no empty place behind where nothing was set aside."""
        aside = self._aside(stamp)
        for end in BESIDE:
            (aside / f"{self.path.name}{end}").unlink(missing_ok=True)
        if aside.exists() and not any(aside.iterdir()):
            aside.rmdir()

    def _aside(self, stamp: str) -> Path:
        return self.path.parent / f"{ASIDE}{stamp}"

    def _move(self, source: Path, target: Path) -> None:
        for end in BESIDE:
            if (file := source / f"{self.path.name}{end}").exists():
                file.rename(target / file.name)
        keep_names(target)
        keep_names(source)

    def be_alone(self) -> None:
        """Raise StillInUse where another process has the file open; leave its log written into it.

        To change the journal's mode SQLite has to be alone with the file, and says so when it is not. A file
        that is no database any more passes. Raises sqlite3.DatabaseError where SQLite cannot tell.
        """
        if not self.path.exists():
            return
        try:
            with closing(sqlite3.connect(self.path, timeout=0)) as alone:
                alone.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.DatabaseError as error:
            code = error.sqlite_errorcode & 0xFF
            if code in BUSY:
                raise StillInUse("The site's database is in use: stop the site first.") from error
            if code not in BROKEN:
                raise


def look(connection: sqlite3.Connection) -> Copied:
    """What is in the database that the connection is to. Raises NotSetUp."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    if VERSIONS not in tables:
        raise NotSetUp("The database has no tables: run `flask setup` first.")
    (revision,) = connection.execute(f"SELECT version_num FROM {VERSIONS}").fetchone()  # noqa: S608
    counts = {
        table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
        for table in filter(is_counted, tables)
    }
    return Copied(revision, counts)
