"""Pages of lists in addresses."""

from urllib.parse import quote, urlencode

from flask import abort, request
from flask_sqlalchemy.pagination import Pagination

LAST = 100_000


def page_number() -> int:
    """The page asked for (`?page=2`), 1 when none is. Answers 404 for what is no page's number."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and 1 <= int(text) <= LAST):
        abort(404)
    return int(text)


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
