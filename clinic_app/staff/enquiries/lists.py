"""Enquiries by state, owner and text."""

from flask import render_template, request

from ... import clock
from ...database import transaction
from ...enquiries import listing, references, search
from ...keys import encryption
from ...lists import keyset
from ...times.overdue import overdue_since
from ...web.searches import LONGEST
from .. import searching
from ..area import member, record
from .area import bp, people
from .forms import NOBODY

TABS = {"new": "New", "open": "Open", "closed": "Closed", "spam": "Spam", "all": "All"}


@bp.get("")
def index():
    text = searching.words_asked("q")
    tab = _tab(text)
    if text:
        with transaction():
            record("searched enquiries", state=tab)
    owner = request.args.get("owner", "")
    query = listing.matching(state=None if tab == "all" else tab, owner=_owner(owner))
    order = listing.LONGEST_WAITING_FIRST if tab == "new" else listing.NEWEST_FIRST
    now = clock.now()
    return render_template(
        "staff/enquiries/index.html",
        page=keyset.page(query, order=order, at=request.args.get("at"), words=search.words(text)),
        tabs=TABS,
        tab=tab,
        text=text,
        token=request.args.get("q"),
        is_encrypted=encryption.is_on(),
        owner=owner,
        counts=listing.counts(),
        counted=listing.COUNTED,
        people=people(),
        overdue_since=overdue_since(now),
        shown=references.shown,
        now=now,
    )


@bp.post("")
def find():
    """Among all of them, or this owner's."""
    return searching.list_of("q", longest=LONGEST, owner=request.form.get("owner") or None)


def _tab(text: str) -> str:
    """The list asked for: the new ones, unless somebody looks for something."""
    asked = request.args.get("state", "")
    return asked if asked in TABS else "all" if text else "new"


def _owner(asked: str) -> int | None:
    if asked == "me":
        return member().id
    if asked == NOBODY:
        return listing.NOBODY
    return keyset.row_number(asked) or None
