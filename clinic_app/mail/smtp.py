"""Flask-Mail, mended: deadlines, verified TLS, bodies in lines that servers take, and no news lost.

As it comes, Flask-Mail waits for ever, takes any certificate, raises when QUIT fails after a delivery (a retry
would send twice), hides partial refusals, sends bodies as raw 8-bit lines of any length, and lets the standard
library fold headers again, which in some Python versions loses the quotes around a name with a comma.
"""

import smtplib
import socket
import ssl
from contextlib import suppress
from email import charset, policy
from email.mime.text import MIMEText

import flask_mail
from flask import Flask, current_app

from ..config import Settings
from .addresses import NAME_LENGTH, one_line
from .models import OutboxMail

WRITTEN_BY_PEOPLE = {"enquiry_reply"}  # the names of mails that a person wrote, to whom a machine may answer
AUTOMATIC = {
    "Auto-Submitted": "auto-generated",  # RFC 3834: no machine should answer it
    "X-Auto-Response-Suppress": "All",  # the same to Exchange
}
TIMEOUT = 10.0  # seconds, for each answer of the server

_QUOTED_PRINTABLE = charset.Charset("utf-8")
_QUOTED_PRINTABLE.body_encoding = charset.QP
# Flask-Mail has folded the headers; folding them again could only spoil them.
_AS_FOLDED = policy.SMTP.clone(refold_source="none")


class Message(flask_mail.Message):
    """A message of 7-bit lines, its headers as Flask-Mail folds them."""

    def _mimetext(self, text, subtype="plain"):
        return MIMEText(text or "", subtype, _QUOTED_PRINTABLE)

    def _message(self):
        message = super()._message()
        message.policy = _AS_FOLDED
        return message


class Connection(flask_mail.Connection):
    """One conversation with the clinic's mail server, as the settings say at the time."""

    def __init__(self, mail, timeout: float) -> None:
        super().__init__(mail)
        self.timeout = timeout

    def configure_host(self) -> smtplib.SMTP:
        """Connect, encrypt, sign in. Raises OSError or smtplib.SMTPException; never goes on without encryption
        where the settings ask for it."""
        settings: Settings = current_app.config["CLINIC"]
        where = {"host": settings.mail_server, "port": settings.mail_port, "timeout": self.timeout}
        if settings.mail_security == "tls":
            host = smtplib.SMTP_SSL(**where, context=tls_context(settings))
        else:
            host = smtplib.SMTP(**where)
        try:
            if settings.mail_security == "starttls":
                host.starttls(context=tls_context(settings))
            if settings.mail_username:
                host.login(settings.mail_username, settings.mail_password)
            host.ehlo_or_helo_if_needed()  # a server that greets and then hangs shows itself before any mail
        except BaseException:
            host.close()
            raise
        return host

    def __exit__(self, exc_type, exc_value, tb) -> None:
        if self.host is not None:
            # What was accepted stays accepted, whether or not the server says goodbye.
            with suppress(OSError, smtplib.SMTPException):
                if self.alive:
                    self.host.quit()
            self.close()

    def send(self, message: flask_mail.Message, envelope_from=None) -> None:
        """Hand the message over. Raises smtplib.SMTPRecipientsRefused for any recipient, not only for all."""
        if message.has_bad_headers():
            raise flask_mail.BadHeaderError
        refused = self.host.sendmail(
            flask_mail.sanitize_address(envelope_from or current_app.config["CLINIC"].sender),
            flask_mail.sanitize_addresses(message.send_to),
            message.as_bytes(),
        )
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)

    @property
    def alive(self) -> bool:
        """Whether the conversation can go on (smtplib drops its socket when it cannot)."""
        return self.host is not None and self.host.sock is not None

    def close(self) -> None:
        """Hang up without a word."""
        with suppress(OSError):
            self.host.close()

    def cut(self) -> None:
        """Break the conversation from another thread: whoever waits for an answer gets an error at once."""
        sock = getattr(self.host, "sock", None)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


class Mail(flask_mail.Mail):
    """Flask-Mail whose connections are ours."""

    def connect(self, timeout: float = TIMEOUT) -> Connection:
        return Connection(current_app.extensions["mail"], timeout)


mailer = Mail()


def init_app(app: Flask) -> None:
    """Bind Flask-Mail. Connections read the clinic's settings when they are made, so none is copied here."""
    mailer.init_app(app)


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Verifies the server's name and certificate, by `mail_ca_file` if it is set, else by the system's list."""
    return ssl.create_default_context(cafile=settings.mail_ca_file or None)


def message_of(mail: OutboxMail) -> Message:
    """The row as a message; the same row gives the same headers at each attempt."""
    settings: Settings = current_app.config["CLINIC"]
    message = Message(
        subject=mail.subject,
        recipients=[(mail.to_name, mail.to_address)],
        body=mail.text_body,
        html=mail.html_body,
        sender=settings.sender,
        reply_to=_reply_to(mail),
        date=mail.due_at.timestamp(),
        extra_headers={} if mail.name in WRITTEN_BY_PEOPLE else AUTOMATIC,
    )
    # The constructor would join the two unquoted.
    message.sender = (one_line(settings.name, NAME_LENGTH), settings.sender)
    message.msgId = mail.message_id
    if mail.calendar_text:
        message.alts[f"calendar; method={mail.calendar_method}"] = mail.calendar_text
    return message


def _reply_to(mail: OutboxMail) -> tuple[str, str] | None:
    local_part = mail.reply_to_address.rpartition("@")[0]
    # Letters outside ASCII before the @ need a server that takes SMTPUTF8: the mail goes without the header.
    return (mail.reply_to_name, mail.reply_to_address) if local_part and local_part.isascii() else None
