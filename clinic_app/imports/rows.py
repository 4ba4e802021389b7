"""What every import of content shares: rows that know where they stand, and what became of each.

Pure reading: nothing here writes. `run` brings rows into the database.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from ..checks import did_you_mean

csv.field_size_limit(10_000_000)  # a post with everything in it; the module's default is 128 kB


class BadFile(Exception):
    """The whole file cannot be used; the text says why and what to do."""


class MissingColumns(BadFile):
    """The file lacks columns: it may be one of another kind, or have them by other names.

    `fields` are those that none of its columns (`header`) is known to hold.
    """

    def __init__(self, file: str, wanted: Mapping[str, str], header: list[str]) -> None:
        names = ", ".join(repr(name) for name in wanted.values())
        super().__init__(f"{file} has no column {names}. Its columns: {', '.join(header)}.")
        self.fields = list(wanted)
        self.header = header


class BadRow(Exception):
    """One row cannot be used; the text says why."""


class Outcome(StrEnum):
    """What became of a row. `held`: kept as it is, or put aside, until a person decides. `left out`: a person
    decided before that it shall not be here."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    HELD = "held"
    REJECTED = "rejected"
    LEFT_OUT = "left out"


class Result(NamedTuple):
    """A row's outcome; `note` says why it was held or left out, `next_step` what to do, told once for all rows."""

    outcome: Outcome
    note: str = ""
    next_step: str = ""


@dataclass(frozen=True)
class Row:
    """One row or file: `where` is its place for people ("line 12", "posts/a.md"), `fault` why it is unusable."""

    where: str
    values: Mapping[str, Any]
    fault: str = ""

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name, "")

    def required(self, name: str, called: str) -> str:
        """The value; raises BadRow when it is empty, calling it as people do."""
        if not (value := self[name]):
            raise BadRow(f"{called} is empty")
        return value


class Importer(NamedTuple):
    """How rows of one kind come in.

    `prepare(row)` does what needs no database (it runs before the writing transaction, so that visitors who write
    meanwhile need not wait); `save(prepared)` stores it and gives a Result. Both raise BadRow; `save` flushes.
    """

    prepare: Callable[[Row], Any]
    save: Callable[[Any], Result]


class Column(NamedTuple):
    """A field to be found in a CSV file: the columns' names it goes by, the usual one first."""

    names: tuple[str, ...]
    required: bool = False


class Upload(NamedTuple):
    """A file that was sent, not one on disk: opens as a path does."""

    name: str
    content: bytes

    def open(self, *, encoding: str, newline: str) -> io.TextIOWrapper:
        return io.TextIOWrapper(io.BytesIO(self.content), encoding=encoding, newline=newline)


@dataclass
class CsvFile:
    """A CSV file with a header, in UTF-8 with or without a byte order mark; iterating gives a Row per record.

    `columns` says which fields are wanted; `overrides` (column's name to field) goes before their names.
    `unique` is a field that may not repeat in the file. The file is read as a stream, twice: once to see
    that all of it can be read and to count, then for the rows. Raises BadFile.
    """

    path: Path | Upload
    columns: Mapping[str, Column]
    overrides: Mapping[str, str] = field(default_factory=dict)
    unique: str = ""
    unused: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        if isinstance(self.path, Path) and self.path.is_fifo():
            self.path = Upload(self.path.name, self.path.read_bytes())  # a pipe can be read once
        records = self._records()
        _, header = next(records, (0, None))
        if header is None or not any(header):
            raise BadFile(f"{self.path.name} is empty.")
        if any("\0" in name for name in header):
            raise BadFile(f"{self.path.name} is not a CSV file: it is not plain text.")
        self._fields = match_columns(header, self.columns, self.overrides, file=self.path.name)
        self.unused = [name for name, to in zip(header, self._fields, strict=True) if to is None and name]
        self._count = sum(1 for _ in records)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        seen: dict[str, str] = {}
        records = self._records()
        next(records)
        for line, cells in records:
            row = self._row(f"line {line}", cells)
            key = row[self.unique] if self.unique else ""
            if key and not row.fault:
                if key in seen:
                    row = Row(
                        row.where, row.values, f"has the same {self.columns[self.unique].names[0]} as {seen[key]}"
                    )
                seen.setdefault(key, row.where)
            yield row

    def _row(self, where: str, cells: list[str]) -> Row:
        if len(cells) != len(self._fields):
            return Row(where, {}, f"has {len(cells)} cells; the header has {len(self._fields)}")
        values = {name: cell for name, cell in zip(self._fields, cells, strict=True) if name}
        fault = "holds a NUL character" if any("\0" in cell for cell in cells) else ""
        return Row(where, values, fault)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Each record that is not blank with the line it begins on."""
        line = 1
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file, strict=True)
                for cells in reader:
                    if cells:
                        yield line, cells
                    line = reader.line_num + 1
        except UnicodeDecodeError:
            raise BadFile(f"{self.path.name} is not UTF-8 text. Export it again as CSV (UTF-8).") from None
        except csv.Error as error:
            raise BadFile(
                f"{self.path.name} is not a CSV file: {error}, in the record from line {line}."
            ) from None
        except OSError as error:
            raise BadFile(f"{self.path.name} cannot be read: {error.strerror}.") from None


def match_columns(
    header: list[str], columns: Mapping[str, Column], overrides: Mapping[str, str], *, file: str
) -> list[str | None]:
    """The field that each column of the header holds, or None.

    Raises MissingColumns, and BadFile for columns that stand twice or are named by `overrides` but not there.
    """
    names = [name.strip() for name in header]
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise BadFile(f"{file} has more than one column {twice[0]!r}.")
    found = _overridden(names, columns, overrides, file)
    plain = {_plain(name): name for name in reversed(names) if name not in overrides}
    for field_name, column in columns.items():
        known = (plain[_plain(n)] for n in column.names if _plain(n) in plain)
        if field_name not in found.values() and (name := next((n for n in known if n not in found), None)):
            found[name] = field_name
    missing = [f for f, column in columns.items() if column.required and f not in found.values()]
    if missing:
        raise MissingColumns(file, {f: columns[f].names[0] for f in missing}, names)
    return [found.get(name) for name in names]


def _overridden(names, columns, overrides, file) -> dict[str, str]:
    for name, field_name in overrides.items():
        if name not in names:
            raise BadFile(f"--map: {file} has no column {name!r}{did_you_mean(name, names)}.")
        if field_name not in columns:
            raise BadFile(
                f"--map: no field {field_name!r}{did_you_mean(field_name, columns)}. Fields: {', '.join(columns)}."
            )
    return dict(overrides)


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
