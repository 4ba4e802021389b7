"""What has to hold of every mail that is waiting, whatever was sent."""

import email
import email.policy
import unicodedata

from sqlalchemy import select

from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.mail.smtp import message_of

OURS = {
    "content-type",
    "mime-version",
    "subject",
    "from",
    "to",
    "reply-to",
    "date",
    "message-id",
    "auto-submitted",
    "x-auto-response-suppress",
    "content-class",
}


def check_all() -> int:
    """Fail, naming the mail and the fault; how many there were."""
    db.session.rollback()
    mails = db.session.scalars(select(OutboxMail)).all()
    for mail in mails:
        check(mail)
    return len(mails)


def check(mail: OutboxMail) -> None:
    message = email.message_from_bytes(message_of(mail).as_bytes(), policy=email.policy.default)
    names = [name.lower() for name in message]
    assert set(names) <= OURS, f"{mail.name}: {set(names) - OURS}"
    assert len(names) == len(set(names)), f"{mail.name}: a header stands twice: {names}"
    assert len(message["to"].addresses) == 1, f"{mail.name}: {message['to']}"
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in str(message["subject"])), mail.name
