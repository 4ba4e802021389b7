"""Staff's pages: a blueprint with one nested in it for each area. Only who is signed in gets in."""

from flask import Blueprint, Flask, render_template, request

from ..mail.listing import trouble
from ..paths import is_staffs
from ..web.guards import same_origin_only
from . import (
    account,
    appointments,
    audit_trail,
    calendar,
    enquiries,
    figures,
    gone,
    health,
    lineup,
    mail,
    people,
    posts,
    queue,
    session_cookie,
    signing_in,
    team,
    testimonials,
    welcome,
)
from .area import NotAllowed, ask_to_sign_in, member
from .rail import rail

AREAS = (
    queue.bp,
    calendar.bp,
    appointments.bp,
    account.bp,
    enquiries.bp,
    mail.bp,
    people.bp,
    figures.bp,
    posts.bp,
    testimonials.bp,
    lineup.services,
    lineup.practitioners,
    team.bp,
    audit_trail.bp,
    health.bp,
)


def init_app(app: Flask) -> None:
    """Register the blueprint, and sign-in."""
    session_cookie.init_app(app)
    app.before_request(_refuse_other_sites)
    signing_in.init_app(app)
    bp = Blueprint("staff", __name__, url_prefix="/staff")
    bp.before_request(ask_to_sign_in)
    bp.register_error_handler(gone.Gone, gone.answer)
    bp.register_error_handler(NotAllowed, lambda _: (render_template("staff/not_allowed.html"), 403))
    for area in AREAS:
        bp.register_blueprint(area)
    app.register_blueprint(bp)
    app.register_blueprint(welcome.bp)
    app.jinja_env.globals.update(rail=rail, member=member, mail_trouble=trouble)


def _refuse_other_sites() -> None:
    if is_staffs(request.path):
        same_origin_only()
