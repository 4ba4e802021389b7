"""The audit trail, for owners to read and filter. Nobody can change it: the database refuses."""

from flask import render_template, request, url_for

from ... import database
from ...accounts import members, trail
from ...lists import keyset
from ...web import downloads
from ...web.paging import same_page
from ..area import area, record
from .asked import MOST_THINGS, NAMELESS, read
from .words import KINDS, Things, in_words

bp = area("audit", __name__, needs=("audit",))

COLUMNS = ("When", "Who", "Number of who", "What", "Kind", "Number", "Details")


@bp.get("")
def index():
    filters = read()
    page = keyset.page(trail.matching(filters.asked), order=trail.NEWEST_FIRST, at=request.args.get("at"))
    return render_template(
        "staff/audit/index.html",
        page=page,
        things=Things(page.items),
        filters=filters,
        about=request.args.getlist("about")[:MOST_THINGS],
        choices={
            "who": [
                *((one.id, one.name or one.email) for one in members.everybody()),
                *((name, name) for name in NAMELESS),
            ],
            "action": [(action, action) for action in trail.actions()],
            "kind": [(kind, KINDS.get(kind, kind)) for kind in trail.kinds()],
        },
        in_words=in_words,
        file_url=same_page(at=None).replace(url_for(".index"), url_for(".file"), 1),
    )


@bp.get("/trail.csv")
def file():
    filters = read()
    with database.transaction():
        told = [f"{name} {text}" for name, text in filters.typed.items() if text]
        record("downloaded the audit trail", asked_for=[*told, *request.args.getlist("about")[:MOST_THINGS]])
    rows = (
        (e.at, e.by, e.member_id, e.action, e.kind, e.about_id, in_words(e.details))
        for e in trail.every(filters.asked)
    )
    return downloads.csv_file("audit-trail", COLUMNS, rows)


def trail_url(*things: tuple[str, int]) -> str:
    """Where the trail says what was done to any of these things (kind and number)."""
    return url_for("staff.audit.index", about=[f"{kind}:{number}" for kind, number in things[:MOST_THINGS]])


@bp.record_once
def _add_global(state) -> None:
    state.app.jinja_env.globals["trail_url"] = trail_url
