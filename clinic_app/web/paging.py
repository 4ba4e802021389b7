"""Pages of lists in addresses."""

import re
from urllib.parse import quote, urlencode

from flask import abort, request
from flask_sqlalchemy.pagination import Pagination

LAST = 100_000


def is_page_number(text: str) -> bool:
    """Whether it is the number of a page, in the one way to write it: `2`, and not `02`."""
    return re.fullmatch(r"[1-9][0-9]{0,5}", text) is not None and int(text) <= LAST


def page_number(text: str | None = None) -> int:
    """The page with this number; that asked for (`?page=2`), or the first. Answers 404 for what is no number."""
    text = text or request.args.get("page", "1")
    return int(text) if is_page_number(text) else abort(404)


def same_page(**changes: str | None) -> str:
    """The present address with these arguments changed (None: left out) and all others as they are."""
    kept = [(name, text) for name, text in request.args.items(multi=True) if name not in changes]
    arguments = urlencode([*kept, *((name, text) for name, text in changes.items() if text is not None)])
    return quote(request.path) + (f"?{arguments}" if arguments else "")


def existing(page: Pagination) -> Pagination:
    """The page, or 404 beyond the last one; the first page exists even when it is empty."""
    if page.page > max(1, page.pages):
        abort(404)
    return page
