"""One run of an import: all of its rows or none, and what became of each.

An edge reads first, which needs no database, then opens the transaction and writes; a dry run is the same with its
rows taken back:

    run = ImportRun(importer)
    run.read(rows)
    with database.transaction():
        run.write(keep=not dry_run, skip_bad=skip_bad)
"""

import pickle
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .. import database
from ..extensions import db
from ..pictures import media
from .rows import BadRow, Importer, Outcome, Result, Row

ALWAYS_COUNTED = [outcome for outcome in Outcome if outcome is not Outcome.LEFT_OUT]


@dataclass(frozen=True)
class Note:
    """What a person should look at: where the row stands, what became of it, and why."""

    where: str
    outcome: Outcome
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.outcome}: {self.text}"


class Aside:
    """What was read, put aside in a file without a name until it is written, so that memory does not grow."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed with the run
        weakref.finalize(self, self._file.close)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, item: Any) -> None:
        pickle.dump(item, self._file, pickle.HIGHEST_PROTOCOL)
        self._count += 1

    def __iter__(self) -> Iterator[Any]:
        self._file.seek(0)
        for _ in range(self._count):
            yield pickle.load(self._file)  # noqa: S301  nobody else can open it


@dataclass
class ImportRun:
    """Rows on their way in. Pictures in `staging` are written when the rows are, just before the commit."""

    importer: Importer
    staging: media.Staging | None = None
    counts: Counter = field(default_factory=lambda: Counter(dict.fromkeys(ALWAYS_COUNTED, 0)), init=False)
    notes: list[Note] = field(default_factory=list, init=False)
    next_steps: dict[str, None] = field(default_factory=dict, init=False)  # a set that keeps its order
    prepared: Aside = field(default_factory=Aside, init=False)  # (where, item)

    def read(self, rows: Iterable[Row]) -> None:
        """Do what needs no database, so that the write lock is held for the writing only."""
        for row in rows:
            try:
                if row.fault:
                    raise BadRow(row.fault)
                self.prepared.append((row.where, self.importer.prepare(row)))
            except (BadRow, media.NotAPicture) as error:
                self._add(row.where, Result(Outcome.REJECTED, str(error)))

    def write(self, *, keep: bool, skip_bad: bool, progress: Callable[[Aside], Iterable] = iter) -> bool:
        """Store what was read, in the caller's transaction; tells whether it stays.

        It goes again in a dry run, which does not `keep` it, and when a row is bad, unless `skip_bad` leaves those
        out. `progress` is given the rows and gives them back, one after the other.
        """
        take_turns()
        with db.session.begin_nested() as savepoint:
            self._save_all(progress(self.prepared))
            stays = keep and (skip_bad or not self.bad)
            if not stays:
                savepoint.rollback()
        if stays and self.staging:
            self.staging.write()
        return stays

    @property
    def bad(self) -> int:
        """How many rows cannot be used."""
        return self.counts[Outcome.REJECTED]

    def _save_all(self, prepared: Iterable) -> None:
        """What is refused is tried again for as long as some of it comes in: a row may have given up the slug that
        another wants."""
        before, refused = None, self._save_those(prepared)
        while len(refused) != before:
            before, refused = len(refused), self._save_those([row for row, _ in refused])
        for (where, _), result in refused:
            self._add(where, result)

    def _save_those(self, rows: Iterable) -> list[tuple[tuple, Result]]:
        """Gives those that were refused, and why."""
        refused = []
        for where, item in rows:
            result = self._save(item)
            if result.outcome is Outcome.REJECTED:
                refused.append(((where, item), result))
            else:
                self._add(where, result)
        return refused

    def _save(self, item: Any) -> Result:
        try:
            with db.session.begin_nested():  # what a refused row did is undone, the others' stays
                return self.importer.save(item)
        except (BadRow, media.NotAPicture) as error:
            return Result(Outcome.REJECTED, str(error))

    def _add(self, where: str, result: Result) -> None:
        self.counts[result.outcome] += 1
        if result.note:
            self.notes.append(Note(where, result.outcome, result.note))
        if result.next_step:
            self.next_steps[result.next_step] = None


def take_turns() -> None:
    """Wait for the end of an import that is writing: of two that bring the same, the later one finds it there.

    Who erases what imports bring takes a turn as well: before any lock of rows, which an import comes to later.
    """
    database.take_turn(database.IMPORTING)
