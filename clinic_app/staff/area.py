"""An area of staff's pages: who may enter, who is there, and the trail of what they do."""

from functools import wraps

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import InvalidRequestError
from werkzeug.exceptions import Forbidden

from .. import database
from ..accounts import audit
from ..accounts.models import AuditEntry, Member
from ..extensions import db
from ..lists import keyset
from ..web.bodies import KEPT_BYTES, form_items
from ..web.guards import SAFE_METHODS
from .gone import Gone


class NotAllowed(Forbidden):
    """The member's roles do not go this far."""


def area(name: str, import_name: str, *, needs: tuple[str, ...]) -> Blueprint:
    """A blueprint at /staff/<name> for members with one of the permissions `needs`."""
    blueprint = Blueprint(name, import_name, url_prefix=f"/{name}")
    blueprint.needs = needs
    blueprint.before_request(lambda: check_may(*needs))
    return blueprint


def needs(*permissions: str):
    """A view of an area for members with one of these permissions, beside what the area asks for."""

    def decorate(view):
        @wraps(view)
        def guarded(*args, **kwargs):
            check_may(*permissions)
            return view(*args, **kwargs)

        guarded.needs = permissions
        return guarded

    return decorate


def check_may(*permissions: str) -> None:
    """Raise NotAllowed unless the signed-in member has one of the permissions."""
    if not member().may(*permissions):
        raise NotAllowed


def member() -> Member:
    """Who is signed in."""
    return current_user._get_current_object()


def row(model, number: int, *, listed_at: str | None = None):
    """The row with this number. Raises Gone where there is none, and for numbers that no row can have."""
    found = db.session.get(model, number) if 0 < number <= keyset.LARGEST_NUMBER else None
    return there(found, listed_at=listed_at)


def there(found, *, listed_at: str | None = None):
    """What was found. Raises Gone for None."""
    if found is None:
        raise Gone(listed_at)
    return found


def lock(thing):
    """`database.lock`; gives the row. Appointments: `booking.locks`. Raises Gone where somebody has removed it."""
    try:
        database.lock(thing)
    except InvalidRequestError:
        raise Gone from None
    return thing


def record(action: str, kind: str = "", id: int | None = None, **details) -> AuditEntry:
    """Write down what the signed-in member did; see audit.record."""
    return audit.record(action, by=member(), kind=kind, id=id, **details)


def ask_to_sign_in():
    """Lead strangers to the sign-in, and give back what they sent: a session may have ended while they wrote."""
    if current_user.is_authenticated:
        return None
    if request.method in SAFE_METHODS:
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    return render_template("staff/signed_out.html", sent=form_items(KEPT_BYTES)), 401
