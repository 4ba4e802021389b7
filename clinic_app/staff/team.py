"""Staff accounts, for owners: who there is, what each may do, inviting and letting go."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from wtforms import SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice

from .. import database
from ..accounts import invitations, members, refusals
from ..accounts.invitations import Invited
from ..accounts.models import Member
from ..accounts.roles import ROLES
from ..booking import profiles
from ..booking.models import Practitioner
from ..enquiries import listing
from ..extensions import db
from ..lists.counting import how_many
from ..people import departures
from ..web.fields import AtMost, EmailAddress, LineField, Required
from .area import area, member, row
from .forms import StaffForm
from .meanwhile import ChangeForm, SavedMeanwhile
from .signing_in.fresh import confirm_first

bp = area("team", __name__, needs=("team",))

LAST_OWNER = "{name} is the last owner who can sign in. Make someone else an owner first."
NOBODYS = "0"


class WhoForm(StaffForm):
    """Who somebody is."""

    name = LineField("Name", [Required("their name"), AtMost(200, "the name")])
    email = LineField(
        "Email address",
        [Required("their email address"), AtMost(254, "the email address"), EmailAddress()],
        description="They sign in with it. The invitation goes there.",
    )


class RolesForm(ChangeForm):
    """What a member may do."""

    roles = SelectMultipleField(
        "What may they do?",
        [Required("at least one role", verb="Choose")],
        choices=[SelectChoice(name, f"{name.capitalize()}: {role.description}") for name, role in ROLES.items()],
    )
    practitioner = SelectField("Which calendar is theirs?")

    def __init__(self, *, found: Member | None = None, **kwargs):
        """With what the member `found` may do now; without, for somebody new."""
        of_now = found and found.practitioner_id
        super().__init__(roles=found and found.role_names, practitioner=str(of_now or NOBODYS), **kwargs)
        people = {person.id: person.name for person in profiles.practitioners()}
        if of_now and of_now not in people:  # who has left since
            people[of_now] = db.session.get_one(Practitioner, of_now).name
        choices = [SelectChoice(str(number), name) for number, name in people.items()]
        self.practitioner.choices = [SelectChoice(NOBODYS, "None"), *choices]

    def validate(self, **kwargs) -> bool:
        valid = super().validate(**kwargs)
        if valid and "practitioner" in self.roles.data and self.practitioner_id is None:
            self.practitioner.errors = ["Choose which calendar this practitioner keeps"]
            return False
        return valid

    @property
    def practitioner_id(self) -> int | None:
        return int(self.practitioner.data) or None


class InviteForm(RolesForm, WhoForm):
    """Whom to invite."""

    def invited(self) -> Invited:
        return Invited(
            email=self.email.data,
            roles=tuple(self.roles.data),
            name=self.name.data,
            practitioner_id=self.practitioner_id,
        )


@bp.before_request
def confirm():
    """Whoever changes accounts has proved who they are a short while ago."""
    if request.endpoint == "staff.team.index":
        return None
    if "member_id" not in request.view_args:
        return confirm_first(url_for("staff.team.invite"))
    found = row(Member, request.view_args["member_id"])
    return confirm_first(url_for("staff.team.show", member_id=found.id))


@bp.get("")
def index():
    return render_template("staff/team/index.html", everybody=members.everybody())


@bp.route("/invite", methods=["GET", "POST"])
def invite():
    form = InviteForm()
    if not form.validate_on_submit():
        return render_template("staff/team/invite.html", form=form)
    try:
        with database.transaction():
            invitations.invite(form.invited(), by=member())
    except refusals.AlreadyJoined:
        form.email.errors = ["Someone on the team has this address already"]
    except refusals.NotActive:
        form.email.errors = ["The account with this address is deactivated. Activate it instead"]
    else:
        flash(f"{form.name.data} is invited: a link is on its way to {form.email.data}.")
        return redirect(url_for(".index"), 303)
    return render_template("staff/team/invite.html", form=form)


@bp.route("/<int:member_id>", methods=["GET", "POST"])
def show(member_id):
    found = row(Member, member_id)
    form = RolesForm(found=found)
    if form.validate_on_submit():
        try:
            return _change(member_id, partial(_change_roles, form), "The roles of {name} are changed.")
        except SavedMeanwhile:
            found = row(Member, member_id)
    looks_after = listing.count_unclosed_of(found.id)
    return render_template("staff/team/show.html", found=found, form=form, looks_after=looks_after)


def _change_roles(form: RolesForm, found: Member, *, by: Member) -> None:
    form.refuse_outdated(RolesForm(found=found, formdata=None))
    members.change_roles(found, form.roles.data, by=by, practitioner_id=form.practitioner_id)


@bp.post("/<int:member_id>/deactivate")
def deactivate(member_id):
    return _change(member_id, members.deactivate, "{name} can no longer sign in.")


@bp.post("/<int:member_id>/activate")
def activate(member_id):
    return _change(member_id, members.activate, "{name} can sign in again.")


@bp.post("/<int:member_id>/sign-out")
def sign_out(member_id):
    return _change(member_id, members.sign_out, "{name} is signed out everywhere.")


@bp.post("/<int:member_id>/reset-second-factor")
def reset_second_factor(member_id):
    return _change(
        member_id,
        members.reset_second_factor,
        "{name} now signs in by password, and can set up a new second step.",
    )


@bp.post("/<int:member_id>/invite-again")
def invite_again(member_id):
    return _change(
        member_id, invitations.renew, "A new link is on its way to {name}. The earlier one no longer works."
    )


def _change(member_id: int, verb, done: str):
    """Do it, and say so or why not."""
    name = ""
    try:
        with database.transaction():
            found = row(Member, member_id)
            name = found.name or found.email
            verb(found, by=member())
            left = departures.settle(found, by=member())
        flash(f"{done.format(name=name)}{_told(left)}")
    except refusals.LastOwner:
        flash(LAST_OWNER.format(name=name), "error")
    except refusals.AlreadyJoined:
        flash(f"{name} has joined already.", "error")
    except refusals.NotActive:
        flash(f"{name} is deactivated. Activate the account first.", "error")
    return redirect(url_for(".show", member_id=member_id), 303)


def _told(left: departures.Left) -> str:
    """What to say of what they leave behind, after what was done."""
    told = ""
    if left.enquiries:
        those = how_many(
            left.enquiries, "enquiry that they looked after is", "enquiries that they looked after are"
        )
        told += f" {those} nobody’s now."
    if left.calendar:
        told += " The secret address of their calendar no longer works."
    return told
