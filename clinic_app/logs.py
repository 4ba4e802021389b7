"""What is written to the log, and what never is: patients' words, addresses, secrets of links, passwords, keys.

Each record carries the request's number, its method and its route, which is the pattern (`/a/<token>`) and not the
address: addresses hold secrets. Of exceptions the log has kinds and places. Their words are written only where
they are the program's or the system's; those of others may quote what somebody typed. A last fence takes out of
every message what looks like an address, a phone number, a query or a secret.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Flask, has_request_context, request
from jinja2 import TemplateError
from sqlalchemy.exc import DBAPIError

from .paths import SECRET_PATHS, STAFFS_SECRET_PATHS

REQUEST_ID = "clinic.request_id"  # in a request's environ
JSON, TEXT = "json", "text"

# Their words name things of the program, never what somebody wrote.
_OUR_WORDS = (AttributeError, NameError, ImportError, TemplateError, RecursionError, AssertionError)
_SCRUBBED = (
    (re.compile(r"[^\s@<>\"'(),:;]+@[^\s@<>\"'(),:;]+"), "[address]"),
    (re.compile(r"\?[^\s\"']+"), "?[query]"),
    (re.compile(r"(?<=//)[^\s/@]+(?=@)"), "[credentials]"),
    (re.compile(r"(?<![\w.:-])\+?\d(?:[ ().-]{0,2}\d){7,}(?![\w:])"), "[number]"),
    (re.compile(rf"({'|'.join(SECRET_PATHS + STAFFS_SECRET_PATHS)})[^\s/\"'?]+"), r"\1[secret]"),
    (re.compile(r"(?=[\w=-]*\d)(?=[\w=-]*[A-Za-z])[\w=-]{32,}"), "[secret]"),
)


class JsonLines(logging.Formatter):
    """A record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        if record.exc_info and record.exc_info[1]:
            facts["exception"] = list(_story(record.exc_info[1]))
        return json.dumps({name: value for name, value in facts.items() if value != ""}, ensure_ascii=False)


class ForReading(logging.Formatter):
    """A record for a person at a terminal: a line, with an exception's places below it."""

    def format(self, record: logging.LogRecord) -> str:
        facts = _facts(record)
        about = " ".join(str(facts[name]) for name in ("request_id", "method", "route") if facts.get(name))
        line = f"{facts['time']} {facts['level']} {facts['message']}" + (f" [{about}]" if about else "")
        story = _story(record.exc_info[1]) if record.exc_info and record.exc_info[1] else ()
        return "\n    ".join((line, *story))


def init_app(app: Flask) -> None:
    """Have all records of this process, libraries' too, written in one form to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name("clinic")
    handler.setFormatter(formatter(app.config["CLINIC"].log_format, on_terminal=sys.stderr.isatty()))
    root = logging.getLogger()
    for old in [each for each in root.handlers if each.get_name() == "clinic"]:
        root.removeHandler(old)
    root.addHandler(handler)
    logging.getLogger("clinic_app.requests").setLevel(logging.INFO)


def formatter(wanted: str, *, on_terminal: bool) -> logging.Formatter:
    """The form of the setting `log_format`: "auto" is for reading on a terminal, JSON elsewhere."""
    return ForReading() if wanted == TEXT or (wanted != JSON and on_terminal) else JsonLines()


def scrubbed(text: str) -> str:
    """The text without what looks like somebody's address or number, a query or a secret."""
    for pattern, instead in _SCRUBBED:
        text = pattern.sub(instead, text)
    return text


def told(error: BaseException) -> str:
    """The exception's kind, and as much of its words as may be told, on one line."""
    return f"{type(error).__module__}.{type(error).__qualname__}: {_words(error)}"


def request_facts() -> dict[str, str]:
    """The number, method and route of the request at hand; nothing outside of one."""
    if not has_request_context():
        return {}
    route = request.url_rule.rule if request.url_rule else "unknown"
    return {"request_id": request.environ.get(REQUEST_ID, ""), "method": request.method, "route": route}


def _facts(record: logging.LogRecord) -> dict[str, object]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    facts = {"time": at, "level": record.levelname.lower(), "logger": record.name}
    facts["message"] = scrubbed(" ".join(record.getMessage().split()))
    return facts | request_facts() | getattr(record, "facts", {})


def _story(error: BaseException) -> Iterator[str]:
    """Kinds and places of the exception and of those that led to it, the latest first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield told(error)
        for frame in traceback.extract_tb(error.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} {frame.name}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _words(error: BaseException) -> str:
    """What may be told of an exception's words."""
    if isinstance(error, DBAPIError):
        return f"{_of_database(error.orig)} in {' '.join(str(error.statement).split())}"
    if isinstance(error, OSError):
        return error.strerror or "(no words)"
    if isinstance(error, _OUR_WORDS):
        return scrubbed(str(error))
    return "(its words are not logged: they may quote what somebody wrote)"


def _of_database(error: BaseException | None) -> str:
    """SQLite names tables and columns only. PostgreSQL quotes values too, so of its errors the code is told."""
    if code := getattr(error, "sqlite_errorname", None):
        return f"{code} ({scrubbed(str(error))})"
    diagnosis = getattr(error, "diag", None)
    told = [type(error).__name__, getattr(error, "sqlstate", None), getattr(diagnosis, "constraint_name", None)]
    return " ".join(filter(None, told))
