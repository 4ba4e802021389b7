"""The area, and whose page an address is.

What one types to find somebody is sent by POST, and the page that follows has an address that tells nobody who it
is: see clinic_app.people.links. Its title tells nobody either, since browsers keep titles with addresses.
"""

from flask import abort, flash, redirect, url_for

from ...people import links
from ...people.finding import Person
from ...people.identities import Identity, NotAnIdentity, parse
from ..area import area

bp = area("people", __name__, needs=("people",))


def people_url(email_or_phone: str) -> str:
    """The address of the page of whoever is known by this; of the search form for what is neither."""
    try:
        return url_for("staff.people.show", token=links.token_of([parse(email_or_phone or "")]))
    except NotAnIdentity:
        return url_for("staff.people.index")


def whose(token: str) -> tuple[Identity, ...]:
    """The identities of a page's token; leads back to the search from one that has ended, 404 for none of ours."""
    try:
        return links.read(token)
    except links.LinkEnded:
        flash("That link has ended: links to people work for a day. Search again.", "error")
        abort(redirect(url_for("staff.people.index"), 303))
    except links.NoSuchLink:
        abort(404)


def numbers(person: Person) -> dict[str, list[int] | int]:
    """For the audit trail: which records, by number, up to a few of each."""
    return {
        "enquiries": sorted(person.enquiries)[-20:],
        "appointments": sorted(person.appointments)[-20:],
        "mails": len(person.mails),
    }


@bp.record_once
def _add_global(state) -> None:
    state.app.jinja_env.globals["people_url"] = people_url
