"""Content kept as Markdown files with front matter, in a folder: reading it, and taking up its pictures.

The first sub-folder (or `kind:` in the front matter) says what a file is; its name is its slug unless there is a
`slug:`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import frontmatter
import yaml

from . import clock, media
from .importing import YEARS, BadFile, BadRow, Row, in_reach

IMAGE = re.compile(r"(!\[[^\]]*\]\()(?P<open><?)(?P<target>[^)\s>]+)(?P<rest>>?[^)]*\))")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/|#", re.IGNORECASE)


@dataclass(frozen=True)
class MarkdownRow(Row):
    """A Markdown file: its front matter's values, and `kind`, `slug` and `body`."""

    path: Path = Path()
    root: Path = Path()

    def text(self, name: str) -> str:
        """A value as text without blanks around it; raises BadRow for lists and tables."""
        value = self[name]
        if isinstance(value, list | dict | tuple):
            raise BadRow(f"{name} should be text")
        return "" if value is None else str(value).strip()

    def texts(self, name: str) -> list[str]:
        """A list of texts; one text with commas is a list too."""
        value = self[name] or []
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list) or any(isinstance(item, list | dict) for item in items):
            raise BadRow(f"{name} should be a list, such as [Running, Recovery]")
        return [text for item in items if (text := str(item).strip())]

    def flag(self, name: str) -> bool:
        """A yes or no; no when it is left out."""
        value = self[name]
        if value not in ("", None, True, False):
            raise BadRow(f"{name} should be true or false")
        return bool(value)

    def instant(self, name: str) -> datetime | None:
        """An instant in UTC; a date, or a time without a zone, is read in the clinic's zone."""
        value = self[name]
        if isinstance(value, str) and value:
            value = _parsed(value, name)
        if value in ("", None):
            return None
        if not isinstance(value, date):  # a datetime is one too
            raise BadRow(f"{name} should be a date, such as 2026-11-24")
        try:
            return in_reach(_instant(value))
        except (ValueError, OverflowError):
            raise BadRow(f"{name} should be a date of the years {YEARS[0]} to {YEARS[-1]}") from None

    def picture(self, name: str, staging: media.Staging) -> str:
        """The stored name of the picture that a value points at, relative to the file; empty for none."""
        target = self.text(name)
        return self._take_up(target, staging) if target else ""

    def body_with_pictures(self, staging: media.Staging) -> str:
        """The body, its pictures' paths replaced by their addresses on the site."""

        def replaced(match: re.Match) -> str:
            if ELSEWHERE.match(match["target"]):
                return match[0]
            return f"{match[1]}{match['open']}{media.url(self._take_up(match['target'], staging))}{match['rest']}"

        return IMAGE.sub(replaced, self["body"])

    def _take_up(self, target: str, staging: media.Staging) -> str:
        path = (self.path.parent / target).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise BadRow(f"picture {target!r} lies outside the folder {self.root.name!r}")
        return staging.add(path)


def _instant(value: date) -> datetime:
    if not isinstance(value, datetime):
        return clock.instant_of(value)
    return value if value.tzinfo else clock.instant_of(value.date(), value.time())


def _parsed(text: str, name: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadRow(f"{name} {text[:60]!r} should be a date, such as 2026-11-24") from None


def read_folder(folder: Path, *, kinds: Iterable[str]) -> list[MarkdownRow]:
    """A row for each `.md` file below the folder, by the order of `kinds` and then by path. Raises BadFile."""
    if not folder.is_dir():
        raise BadFile(f"{folder} is not a folder.")
    kinds = list(kinds)
    rows = [_read(path, folder, kinds) for path in sorted(folder.rglob("*.md"))]
    if not rows:
        raise BadFile(f"{folder} holds no Markdown files (*.md).")
    return sorted(rows, key=lambda row: (kinds.index(row["kind"]) if row["kind"] in kinds else -1, row.where))


def _read(path: Path, root: Path, kinds: list[str]) -> MarkdownRow:
    relative = path.relative_to(root)
    where = relative.as_posix()
    try:
        matter, body = frontmatter.parse(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        return MarkdownRow(where, {}, "is not UTF-8 text")
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-13-45
        reason = " ".join(str(getattr(error, "problem", None) or error).split())
        return MarkdownRow(where, {}, f"its front matter is not valid YAML: {reason}")
    values = {str(key): value for key, value in matter.items()}
    values.setdefault("kind", relative.parts[0] if len(relative.parts) > 1 else "")
    values |= {"slug": _slug(values.get("slug"), path), "body": body.strip()}
    return MarkdownRow(where, values, _fault(values, kinds), path, root)


def _slug(given: Any, path: Path) -> str:
    return str(given).strip() if given not in (None, "") else path.stem


def _fault(values: dict, kinds: list[str]) -> str:
    if values["kind"] not in kinds:
        return f"kind {values['kind']!r} is none of {', '.join(kinds)}"
    return "holds a NUL character" if "\0" in values["body"] else ""
