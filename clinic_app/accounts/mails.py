"""Mails about accounts, through the outbox: what Flask-Security wants to say, in our words, with our addresses."""

from typing import Any

from flask import current_app
from flask_security import MailUtil
from flask_security.mail_util import EmailValidateException

from .. import clock
from ..keys.secret_key import token_hash
from ..mail.addresses import BadAddress
from ..mail.rendering import public_url_for
from . import members
from .models import Member

ASKED_AGAIN = "a later link for a new password was asked for"  # why a mail was withdrawn
CHANGED = "the password was changed before it had gone out"


class SecurityMail(MailUtil):
    """Sends Flask-Security's mails, and reads the addresses that people type."""

    def send_mail(self, template: str, subject, recipient, sender, body, html, **context: Any) -> None:
        """Queue the mail that stands for this template of Flask-Security's."""
        if template == current_app.config["SECURITY_EMAIL_TEMPLATE_PASSWORD_RESET"]:
            send_reset_link(context["user"], context["reset_token"])
        else:  # that the password was changed, one way or the other
            tell_of_new_password(context["user"])

    def normalize(self, email: str) -> str:
        """The address as accounts keep it."""
        try:
            return members.normal_address(email)
        except BadAddress:
            raise EmailValidateException(current_app.config["SECURITY_MSG_INVALID_EMAIL_ADDRESS"][0]) from None

    validate = normalize  # no name server is asked while someone waits


def send_reset_link(member: Member, token: str) -> None:
    """A link by which the member chooses a new password, in place of one that has not gone out. Flushes."""
    within = current_app.config["SECURITY_RESET_PASSWORD_WITHIN"]
    mail_id = members.enqueue(
        members.RESET,
        member,
        f"reset {token_hash(token)[:16]}",  # asked for twice in a second it is the same link, whose mail stands
        url=public_url_for("security.reset_password", token=token),
        until=clock.format_in_full(clock.now() + within),
    )
    members.withdraw(members.RESET, member, reason=ASKED_AGAIN, but=mail_id)


def tell_of_new_password(member: Member) -> None:
    """That the member's password was changed, in case it was not by them. Links from before are void. Flushes."""
    now = clock.now()
    members.withdraw(members.RESET, member, reason=CHANGED)
    members.enqueue(
        "staff_password_changed",
        member,
        f"new password {now.isoformat()}",
        when=clock.format_in_full(now),
        reset_url=public_url_for("security.forgot_password"),
    )
