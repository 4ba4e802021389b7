"""Page numbers in addresses (`?page=2`)."""

from flask import abort, request
from flask_sqlalchemy.pagination import Pagination

LAST = 100_000


def page_number() -> int:
    """The page asked for, 1 when none is. Answers 404 for what is no page's number."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and 1 <= int(text) <= LAST):
        abort(404)
    return int(text)


def existing(page: Pagination) -> Pagination:
    """The page, or 404 beyond the last one; the first page exists even when it is empty."""
    if page.page > max(1, page.pages):
        abort(404)
    return page
