"""Hands mails over, one by one, and says what came of each; knows a mail's fault from the server's.

- A recipient or message refused with a 5xx reply: that mail has failed, no other.
- A 4xx reply, or a conversation that broke at this mail: it is put off.
- No connection, no encryption, no sign-in, or one break after another: that is the server's or the settings'
  fault (ServerTrouble); the mails at hand are not to blame, and nothing is held against them.
"""

import re
import smtplib
import ssl
from typing import NamedTuple

from flask import current_app

from .. import site_marks
from ..keys.encryption import Unreadable
from . import files
from .addresses import one_line
from .models import OutboxMail
from .smtp import TIMEOUT, Connection, mailer, message_of

# Replies that speak of the settings, whatever stage they come at: a slip of staff's that will be mended.
_SIGN_IN_NEEDED = {530, 534, 535, 538}
_RELAYING_DENIED = re.compile(r"\brelay", re.IGNORECASE)
WORDS_LENGTH = 1000
NO_SERVER = "No mail server is set here (mail_server), so emails wait"
BREAKS_ALLOWED = 2  # in a row, on fresh connections


class ServerTrouble(Exception):
    """The server takes no mail at present; the text is its words, or the network's."""


class Verdict(NamedTuple):
    """`sent`, `deferred` or `failed`, and the server's words."""

    kind: str
    words: str = ""

    @property
    def code(self) -> str:
        """The number that the server's reply began with (RFC 5321, 4.2); "" where it gave none."""
        return self.words[:3] if self.words[:3].isdecimal() else ""


class Postman:
    """Delivers over one connection, which is made anew when it breaks. Use as a context manager.

    `say` is told of each file written. `cut` may be called from another thread; nothing else may.
    """

    def __init__(self, *, timeout: float = TIMEOUT, say=lambda text: None) -> None:
        self.timeout = timeout
        self.say = say
        self.breaks = 0
        self.cut_off = False
        self.connection: Connection | None = None

    def __enter__(self) -> "Postman":
        """Connect, where there is a server. Raises ServerTrouble, also where the site has lost its server."""
        if self._has_server:
            self._connect()
        elif site_marks.find(site_marks.MAIL_SERVER):
            raise ServerTrouble(NO_SERVER)
        return self

    def __exit__(self, *exc_info) -> None:
        if self.connection is not None:
            self.connection.__exit__(None, None, None)
            self.connection = None

    def deliver(self, mail: OutboxMail) -> Verdict:
        """Send one mail. Raises ServerTrouble when it was not tried, or when one after another breaks."""
        if any(isinstance(text, Unreadable) for text in (mail.text_body, mail.html_body, mail.calendar_text)):
            return Verdict("deferred", "The email cannot be read: the key that it was encrypted with is missing.")
        try:
            if not self._has_server:
                return self._write(mail)
            return self._send(mail)
        except UnicodeEncodeError:
            return Verdict("failed", "The address has letters that mail servers do not accept.")

    def cut(self) -> None:
        """Break off: a wait for the server's answer ends with an error at once."""
        self.cut_off = True
        if (connection := self.connection) is not None:
            connection.cut()

    @property
    def _has_server(self) -> bool:
        return bool(current_app.config["CLINIC"].mail_server)

    def _write(self, mail: OutboxMail) -> Verdict:
        try:
            path = files.write(mail)
        except OSError as error:
            raise ServerTrouble(f"The email could not be written as a file: {error}") from error
        number = f" {mail.id}" if mail.id else ""  # a test has none
        self.say(f"Mail{number} ({mail.name}) written to {files.shown(path)}")
        return Verdict("sent")

    def _send(self, mail: OutboxMail) -> Verdict:
        message = message_of(mail)
        if not self._connected:
            self._connect()
        fresh = self.connection.num_emails == 0
        verdict = self._attempt(message)
        if verdict.kind == "deferred" and not self._connected and not fresh and not self.cut_off:
            # A server that closes an old conversation means no mail in particular: once more on a new one.
            self._connect()
            verdict = self._attempt(message)
        self.breaks = 0 if self._connected else self.breaks + 1
        if self.breaks > BREAKS_ALLOWED and verdict.kind == "deferred":
            raise ServerTrouble(verdict.words)
        return verdict

    def _attempt(self, message) -> Verdict:
        """Send on the connection that stands; afterwards it may not stand any more."""
        try:
            self.connection.send(message)
        except smtplib.SMTPRecipientsRefused as error:
            return verdict_of(*next(iter(error.recipients.values())))
        except smtplib.SMTPSenderRefused as error:
            # Our own address is refused: a matter of the settings, never of this mail.
            return Verdict("deferred", _words(error.smtp_code, error.smtp_error))
        except smtplib.SMTPResponseException as error:
            return verdict_of(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            self.connection.close()
            return Verdict("deferred", f"The connection broke: {_text(error)}")
        finally:
            self.connection.num_emails += 1
        return Verdict("sent")

    @property
    def _connected(self) -> bool:
        return self.connection is not None and self.connection.alive

    def _connect(self) -> None:
        self.__exit__()
        connection = mailer.connect(self.timeout)
        try:
            connection.__enter__()
        except smtplib.SMTPAuthenticationError as error:
            words = _words(error.smtp_code, error.smtp_error)
            if not current_app.config["CLINIC"].mail_password:
                words = f"no password is set here: CLINIC_MAIL_PASSWORD (the mail server said: {words})"
            raise ServerTrouble(f"The mail server did not accept the sign-in: {words}") from error
        # ValueError: a certificate file that is none, or a password outside ASCII.
        except (OSError, smtplib.SMTPException, ValueError) as error:
            server = current_app.config["CLINIC"].mail_server
            raise ServerTrouble(f"No connection to the mail server {server}: {_why_not(error)}") from error
        self.connection = connection


def verdict_of(code: int, words: bytes | str) -> Verdict:
    """What a refusal with this reply means for the mail it answers."""
    words = _words(code, words)
    ours = code in _SIGN_IN_NEEDED or _RELAYING_DENIED.search(words)
    return Verdict("failed" if 500 <= code < 600 and not ours else "deferred", words)


def _words(code: int, text: bytes | str) -> str:
    """The server's reply on one line."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return one_line(f"{code} {text}", WORDS_LENGTH)


def _why_not(error: Exception) -> str:
    """Why there is no connection, in words for staff."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = error.verify_message.rstrip(".")
        return f"its certificate was not accepted ({reason}). Nothing was sent to it"
    if isinstance(error, smtplib.SMTPNotSupportedError) and "STARTTLS" in str(error):
        return 'it offers no encryption by STARTTLS; mail_security = "tls" (usual on port 465) may be right'
    return _text(error).rstrip(".")


def _text(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _words(error.smtp_code, error.smtp_error)
    words = getattr(error, "strerror", None) or str(error)  # "Connection refused", without its number
    return one_line(words or type(error).__name__, WORDS_LENGTH)
