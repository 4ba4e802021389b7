"""The area, and whose page an address is.

What one types to find somebody is sent by POST, and the page that follows has an address that tells nobody who it
is: see clinic_app.keys.address_tokens. Its title tells nobody either, since browsers keep titles with addresses.
"""

from flask import abort, flash, redirect, url_for

from ...keys.address_tokens import NoSuchToken, TokenEnded
from ...people import links
from ...people.finding import Person
from ...people.identities import Identity, NotAnIdentity, number, parse
from ..area import area, record

PERSON = "person"  # in the audit trail
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
    except TokenEnded:
        flash("That link has ended: links to people work for a day. Search again.", "error")
        abort(redirect(url_for("staff.people.index"), 303))
    except NoSuchToken:
        abort(404)


def record_about(action: str, person: Person, **details) -> None:
    """Write it down under each identity, by a number that tells nobody who it is and finds the entries again.

    Of the records only how many: entries stay, and would tell whose they were once they have been made anonymous.
    """
    held = {name: len(getattr(person, name)) for name in ("enquiries", "appointments", "mails")}
    counts = {name: count for name, count in held.items() if count}
    for identity in person.identities:
        record(action, PERSON, number(identity), **details, **counts)


def things(person: Person) -> list[tuple[str, int]]:
    """What entries about the person are about, for `trail_url`: themselves first, then what is newest."""
    themselves = [(PERSON, number(identity)) for identity in person.identities]
    held = (("enquiry", person.enquiries), ("appointment", person.appointments))
    return themselves + [(kind, one) for kind, ids in held for one in sorted(ids, reverse=True)]


@bp.record_once
def _add_global(state) -> None:
    state.app.jinja_env.globals["people_url"] = people_url
