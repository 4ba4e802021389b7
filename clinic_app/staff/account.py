"""A member's own account: name, password, second factor, and where they are signed in."""

from flask import Blueprint, flash, redirect, render_template, url_for

from .. import database
from ..accounts import members, sign_ins
from ..accounts.models import SignIn
from ..web.fields import AtMost, LineField, Required
from .area import member, record, row
from .forms import StaffForm
from .gone import Gone
from .signing_in import sessions

bp = Blueprint("account", __name__, url_prefix="/account")


class NameForm(StaffForm):
    """How the others know them."""

    name = LineField("Your name", [Required("your name"), AtMost(200, "your name")])


@bp.route("", methods=["GET", "POST"])
def index():
    form = NameForm(obj=member())
    if form.validate_on_submit():
        with database.transaction():
            members.rename(member(), form.name.data, by=member())
        flash("Your name is changed.")
        return redirect(url_for(".index"), 303)
    return render_template(
        "staff/account/index.html",
        form=form,
        sign_ins=sign_ins.all_of(member()),
        here=sessions.current(),
    )


@bp.post("/sessions/<int:sign_in_id>/end")
def end_session(sign_in_id):
    with database.transaction():
        if not sign_ins.end_one(member(), row(SignIn, sign_in_id)):
            raise Gone
        record("ended a session", members.KIND, member().id)
    flash("That session is ended.")
    return redirect(url_for(".index"), 303)


@bp.post("/sessions/end-others")
def end_other_sessions():
    with database.transaction():
        sign_ins.end_all(member(), but=sessions.token())
        record("ended other sessions", members.KIND, member().id)
    flash("You are signed out everywhere else.")
    return redirect(url_for(".index"), 303)


@bp.get("/second-step")
def second_step():
    """Where members without a second factor are led if one is required."""
    if member().has_second_factor:
        return redirect(url_for(".index"))
    return render_template("staff/account/second_step.html")


@bp.get("/changed")
def changed():
    """After a second factor was set up or turned off: recovery codes are what is missing, or nothing."""
    lacks_codes = member().has_second_factor and not member().mf_recovery_codes
    return redirect(url_for("security.mf_recovery_codes" if lacks_codes else ".index"))
