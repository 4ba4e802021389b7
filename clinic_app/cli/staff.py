"""`flask staff ...`: invite members of staff, and change what they may do. The trail calls it the command line."""

from contextlib import contextmanager

import click
from flask.cli import AppGroup

from .. import clock, database
from ..accounts import invitations, members, refusals
from ..accounts.roles import ROLES
from ..booking import profiles
from ..lists.counting import how_many
from ..mail.addresses import BadAddress
from ..people import departures
from .words import NAME, none_found

REFUSALS = {
    refusals.AlreadyJoined: "{email} is a member of staff already.",
    refusals.NotActive: "{email} was deactivated; activate them first.",
    refusals.LastOwner: "{email} is the last owner who can sign in; make someone else an owner first.",
    refusals.NotFound: "Nobody of staff has the address {email}.",
    BadAddress: "{email!r} is not an email address.",
}

staff = AppGroup("staff", help="Invite members of staff; change what they may do; end their sessions.")
email_argument = click.argument("email")
role_option = click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    type=click.Choice(list(ROLES)),
    help="Can be given repeatedly.",
)
practitioner_option = click.option("--practitioner", "slug", type=NAME, help="Whose calendar is theirs (a slug).")


@staff.command("list")
def list_() -> None:
    """List members of staff."""
    everybody = members.everybody()
    if not everybody:
        click.echo(f"{none_found('members of staff')} `flask setup` prints the link that makes the first owner.")
    for member in everybody:
        seen = f"seen {clock.format_when(member.last_seen_at)}" if member.last_seen_at else "never seen"
        state = ("active" if member.has_joined else "invited") if member.active else "deactivated"
        factor = "second factor" if member.has_second_factor else "password only"
        click.echo(f"{member.email}  {member.name}  {', '.join(member.role_names)}  {state}, {factor}, {seen}")


@staff.command()
@email_argument
@role_option
@click.option("--name", default="", type=NAME, help="Their name; they can change it themselves.")
@practitioner_option
def invite(email: str, roles: tuple[str, ...], name: str, slug: str | None) -> None:
    """Invite EMAIL: print a link, good for one use, and mail it. Again for one who has not joined: a new link."""
    invited = invitations.Invited(
        email=email, roles=roles, name=name, practitioner_id=_practitioner_id(roles, slug)
    )
    with _told(email), database.transaction():
        url = invitations.invite(invited, by=None)
    click.echo(url)


@staff.command("roles")
@email_argument
@role_option
@practitioner_option
def change_roles(email: str, roles: tuple[str, ...], slug: str | None) -> None:
    """Give EMAIL exactly these roles."""
    practitioner_id = _practitioner_id(roles, slug)
    _change(email, members.change_roles, "{email} is now {roles}.", names=roles, practitioner_id=practitioner_id)


@staff.command()
@email_argument
def deactivate(email: str) -> None:
    """Let EMAIL in no more, from this moment on."""
    _change(email, members.deactivate, "{email} cannot sign in any more.")


@staff.command()
@email_argument
def activate(email: str) -> None:
    """Let EMAIL in again."""
    _change(email, members.activate, "{email} can {come} again.")


@staff.command("sign-out")
@email_argument
def sign_out(email: str) -> None:
    """End the sessions of EMAIL in every browser."""
    _change(email, members.sign_out, "{email} is signed out everywhere.")


@staff.command("reset-second-factor")
@email_argument
def reset_second_factor(email: str) -> None:
    """Take app, recovery codes and passkeys of EMAIL away, as when a phone was lost."""
    _change(email, members.reset_second_factor, "{email} signs in with the password alone, and can set up anew.")


def _change(email: str, verb, done: str, **words) -> None:
    with _told(email), database.transaction():
        member = members.with_address(email)
        verb(member, by=None, **words)
        left = departures.settle(member, by=None)
        roles, come = ", ".join(member.role_names), "sign in" if member.has_joined else "be invited"
    click.echo(done.format(email=email, roles=roles, come=come))
    if left.enquiries:
        click.echo(f"Nobody's any more: {how_many(left.enquiries, 'enquiry', 'enquiries')}.")
    if left.calendar:
        click.echo("The secret address of their calendar no longer works.")


@contextmanager
def _told(email: str):
    """Refusals are told in words, and end the command."""
    try:
        yield
    except tuple(REFUSALS) as refusal:
        raise click.ClickException(REFUSALS[type(refusal)].format(email=email)) from None


def _practitioner_id(roles: tuple[str, ...], slug: str | None) -> int | None:
    """The practitioner whose calendar is theirs; those with the role need one."""
    if slug is None:
        if "practitioner" in roles:
            raise click.UsageError(
                "Say whose calendar is theirs: --practitioner SLUG (`flask practitioners list`)."
            )
        return None
    try:
        return profiles.practitioner(slug).id
    except profiles.NotFound:
        raise click.ClickException(f"There is no practitioner {slug!r}.") from None
