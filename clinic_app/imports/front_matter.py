"""Content kept as Markdown files with front matter, in a folder: reading it, and taking up its pictures.

The first sub-folder (or `kind:` in the front matter) says what a file is; a file in no sub-folder is of the kind
that the folder is named after, else a post. Its name is its slug unless there is a `slug:`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from frontmatter import YAMLHandler

from .. import clock
from ..checks import did_you_mean, is_utf8
from ..pictures import media
from .rows import BadFile, BadRow, Row
from .values import YEARS, in_reach

IMAGE = re.compile(
    r"(?P<before>!\[(?:\\.|[^\[\]\\]|\[[^\[\]]*\])*+\]\()"  # brackets in pairs, or escaped
    r"(?:<(?P<angled>[^<>\n]+)>|(?P<plain>(?:[^()\s<>]|\([^()\s<>]*\))++))"  # CommonMark 0.31.2, 6.3
    r"(?P<after>[^)]*\))"
)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/|#", re.IGNORECASE)


class Unusable(yaml.YAMLError):
    """Front matter that is valid YAML, and is refused; the text says why."""


class Loader(yaml.SafeLoader):
    """YAML without what a file of content has no use for; raises Unusable.

    A few lines of aliases (`*name`) can stand for more text than any machine has room for.
    """

    def get_event(self) -> yaml.Event:
        event = super().get_event()
        if isinstance(event, yaml.AliasEvent):
            raise Unusable(f"its front matter uses an alias (*{event.anchor[:30]}); write the value out")
        if isinstance(event, yaml.ScalarEvent) and (fault := _unstorable(event.value)):
            raise Unusable(fault)
        return event


@dataclass(frozen=True)
class MarkdownRow(Row):
    """A Markdown file: its front matter's values, and `kind`, `slug` and `body`."""

    path: Path = Path()
    root: Path = Path()
    asked: set[str] = field(default_factory=set)  # the names that were looked up

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)

    def unused(self) -> list[str]:
        """The names that nothing has looked up, such as one that is misspelt, with what may have been meant."""
        return [f"{name[:60]}{did_you_mean(name, self.asked)}" for name in self.values if name not in self.asked]

    def text(self, name: str) -> str:
        """A value as text without blanks around it; raises BadRow for what YAML takes for something else."""
        value = self[name]
        if isinstance(value, bool):  # as No, which is a name too
            raise BadRow(f"{name} is a word that YAML takes for {str(value).lower()}; put it in quotes")
        if isinstance(value, list | dict | tuple):
            raise BadRow(f"{name} should be text")
        return "" if value is None else str(value).strip()

    def texts(self, name: str) -> list[str]:
        """A list of texts; one text with commas is a list too."""
        value = self[name] or []
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list) or any(isinstance(item, list | dict | bool) for item in items):
            raise BadRow(f"{name} should be a list of texts, such as [Running, Recovery]")
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
            if ELSEWHERE.match(target := match["angled"] or match["plain"]):
                return match[0]
            return f"{match['before']}{media.url(self._take_up(target, staging))}{match['after']}"

        return IMAGE.sub(replaced, self["body"])

    def _take_up(self, target: str, staging: media.Staging) -> str:
        as_written, as_an_address = self.path.parent / target, self.path.parent / unquote(target)
        path = next(filter(_is_file, (as_written, as_an_address)), as_written).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise BadRow(f"picture {target!r} lies outside the folder {self.root.name!r}")
        return staging.add(path)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than any
        return False


def _instant(value: date) -> datetime:
    if not isinstance(value, datetime):
        return clock.instant_of(value)
    return value if value.tzinfo else clock.instant_of(value.date(), value.time())


def _parsed(text: str, name: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadRow(f"{name} {text[:60]!r} should be a date, such as 2026-11-24") from None


def read_folder(folder: Path, *, kinds: Iterable[str], usual: str) -> list[MarkdownRow]:
    """A row for each `.md` file below the folder, by the order of `kinds` and then by path. Raises BadFile.

    `usual` is the kind of files in no sub-folder. A README.md without front matter is about the files, not one of
    them.
    """
    if not folder.is_dir():
        raise BadFile(f"{folder} is not a folder.")
    kinds = list(kinds)
    usual = name if (name := folder.resolve().name) in kinds else usual
    rows = [row for path in sorted(folder.rglob("*.md")) if (row := _read(path, folder, kinds, usual))]
    if not rows:
        raise BadFile(f"{folder} holds no Markdown files (*.md).")
    return sorted(rows, key=lambda row: (kinds.index(row["kind"]) if row["kind"] in kinds else -1, row.where))


def _read(path: Path, root: Path, kinds: list[str], usual: str) -> MarkdownRow | None:
    relative = path.relative_to(root)
    where = relative.as_posix()
    try:
        matter, body = _split(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        return MarkdownRow(where, {}, "is not UTF-8 text")
    except Unusable as error:
        return MarkdownRow(where, {}, str(error))
    except OSError as error:
        return MarkdownRow(where, {}, f"cannot be read: {error.strerror}")
    except RecursionError:
        return MarkdownRow(where, {}, "its front matter is nested too deeply")
    except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:  # as PyYAML lets them through
        reason = " ".join(str(getattr(error, "problem", None) or error).split())
        return MarkdownRow(where, {}, f"its front matter is not valid YAML: {reason}")
    if not matter and path.name.casefold() == "readme.md":
        return None
    values = {"kind": relative.parts[0] if len(relative.parts) > 1 else usual} | matter
    values |= {"slug": _slug(values.get("slug"), path), "body": body.strip()}
    return MarkdownRow(where, values, _fault(values, kinds), path, root)


def _split(text: str) -> tuple[dict[str, Any], str]:
    """The front matter's values and the body; no values when it does not begin with front matter."""
    handler, text = YAMLHandler(), text.strip()
    if not handler.detect(text) or len(handler.FM_BOUNDARY.findall(text)) < 2:
        return {}, text
    matter, body = handler.split(text)
    loaded = handler.load(matter, Loader=Loader)
    str(loaded)  # raises ValueError for a number of more digits than can be written
    return {str(key): value for key, value in loaded.items()} if isinstance(loaded, dict) else {}, body


def _unstorable(text: str) -> str:
    """What in a text no database takes; empty for nothing."""
    if "\0" in text:
        return "holds a NUL character"
    return "" if is_utf8(text) else "holds half of a pair of characters"


def _slug(given: Any, path: Path) -> str:
    return str(given).strip() if given not in (None, "") else path.stem


def _fault(values: dict, kinds: list[str]) -> str:
    if values["kind"] not in kinds:
        kind = str(values["kind"])
        return (
            f"kind {kind[:60]!r} is none of {', '.join(kinds)}{did_you_mean(kind, kinds)}; put the file into "
            "a folder of one of these names, or write such as `kind: posts` in its front matter"
        )
    return _unstorable(values["body"]) or _unstorable(values["slug"])
