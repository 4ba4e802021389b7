"""The page behind an invitation's link, which makes somebody a member of staff. Opening it changes nothing."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_security import login_user, logout_user

from .. import database
from ..accounts import invitations, members
from ..accounts.models import Member
from ..accounts.refusals import AlreadyJoined, InvitationVoid
from ..web.fields import AtMost, EmailAddress, LineField, Required
from .forms import StaffForm
from .passwords import hash_of, new_password_field

bp = Blueprint("welcome", __name__, url_prefix="/staff")


class JoinForm(StaffForm):
    """What the invited add themselves."""

    name = LineField("Your name", [Required("your name"), AtMost(200, "your name")])
    password = new_password_field()


class FirstOwnerForm(JoinForm):
    """The first owner was not invited by anyone who would know the address."""

    begins_with = "email"
    email = LineField(
        "Email address", [Required("your email address"), AtMost(254, "your email address"), EmailAddress()]
    )


@bp.errorhandler(InvitationVoid)
def void(_):
    """Say what to do instead, which for the first owner depends on whether there is one."""
    is_first = request.endpoint == "welcome.first_owner"
    has_owner = members.is_there_an_owner()
    return render_template("staff/invitation_void.html", is_first=is_first, has_owner=has_owner), 410


@bp.route("/welcome/<token>", methods=["GET", "POST"])
def member(token):
    invited = invitations.find(token)
    form = JoinForm(obj=invited)
    if not form.validate_on_submit():
        return render_template("staff/welcome.html", form=form, email=invited.email)
    password_hash = hash_of(form.password.data)
    with database.transaction():
        _let_in(invitations.accept(token, name=form.name.data, password_hash=password_hash))
    return redirect(url_for("staff.queue.index"), 303)


@bp.route("/first/<token>", methods=["GET", "POST"])
def first_owner(token):
    invitations.check_first(token)
    form = FirstOwnerForm()
    if not form.validate_on_submit():
        return render_template("staff/welcome.html", form=form, email=None)
    who = {"email": form.email.data, "name": form.name.data, "password_hash": hash_of(form.password.data)}
    try:
        with database.transaction():
            _let_in(invitations.accept_first(token, **who))
    except AlreadyJoined:
        form.email.errors = ["Someone on the team has this address already. Give another one"]
        return render_template("staff/welcome.html", form=form, email=None)
    return redirect(url_for("staff.queue.index"), 303)


def _let_in(joined: Member) -> None:
    """Sign the member in, whoever was signed in here before."""
    if current_user.is_authenticated:
        logout_user()
    login_user(joined, authn_via=["invitation"])
    flash(f"Welcome to the staff area of {current_app.config['CLINIC'].name}.")
