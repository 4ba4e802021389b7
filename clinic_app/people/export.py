"""All that is held of a person as one file to give to them: a page to read, and the same for machines.

Written record by record into a temporary file without a name, so that its size costs no memory and nothing stays
behind. Its own name says nothing of the person.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO

from flask import current_app, render_template, stream_template
from sqlalchemy import select

from .. import clock
from ..booking import privacy as appointments
from ..enquiries import privacy as enquiries
from ..extensions import db
from ..lists.records import as_json
from ..mail import privacy as mails
from ..mail.models import OutboxMail
from ..mail.smtp import message_of
from ..privacy_notice import KeptNotice
from . import words
from .finding import FOR_STAFF, Person

IN_MEMORY = 2**20  # bytes; what is more goes to the disk
PIECE = 64 * 1024


def file_name() -> str:
    """`personal-details-2026-11-24.zip`."""
    return f"personal-details-{clock.today()}.zip"


def write(person: Person) -> IO[bytes]:
    """The file, to be read from its beginning; it is gone once it is closed."""
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  whoever reads it closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        known_by = [identity.value for identity in person.identities]
        about = {"known_by": known_by, "names": person.only, "made_at": clock.now()}
        _put(archive, "details.json", _json(about, _lists(person)))
        _put(
            archive,
            "read-me.html",
            stream_template("people/export.html", **about, lists=_lists(person), words=words),
        )
        for mail in mails.read(person.mails):
            message = message_of(mail)
            if (to := _recipient(mail)) != mail.to_address:
                message.recipients = [to]
            archive.writestr(_mail_file(mail.id), message.as_bytes())
        for notice in _notices(person):
            archive.writestr(
                f"privacy-notices/{notice.version}.html", render_template("people/notice.html", notice=notice)
            )
    file.seek(0)
    return file


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The file's bytes a piece at a time; closes it."""
    with file:
        yield from iter(lambda: file.read(PIECE), b"")


def _lists(person: Person) -> dict[str, Iterator[dict]]:
    return {
        "enquiries": enquiries.records(person.enquiries),
        "appointments": appointments.records(person.appointments),
        "mails": _mails(person),
    }


def _mails(person: Person) -> Iterator[dict]:
    for mail in mails.read(person.mails):
        yield {
            "file": _mail_file(mail.id),
            "to": _recipient(mail),
            "subject": mail.subject,
            "state": mail.state,
            "queued_at": mail.created_at,
            "sent_at": mail.sent_at,
        }


def _recipient(mail: OutboxMail) -> str:
    """Where it went: of those to staff, whose own addresses are not the person's to know, to the clinic."""
    return current_app.config["CLINIC"].email if mail.name in FOR_STAFF else mail.to_address


def _mail_file(mail_id: int) -> str:
    return f"mails/{mail_id:06d}.eml"


def _notices(person: Person) -> list[KeptNotice]:
    """The privacy notices that the person saw, as far as they were kept."""
    versions = enquiries.notice_versions(person.enquiries) | appointments.notice_versions(person.appointments)
    return list(db.session.scalars(select(KeptNotice).where(KeptNotice.version.in_(versions))))


def _json(about: dict, lists: dict[str, Iterable[dict]]) -> Iterator[str]:
    """One JSON object, record by record."""
    yield json.dumps(about, default=as_json, ensure_ascii=False)[:-1]
    for name, records in lists.items():
        yield f',\n"{name}": ['
        for number, record in enumerate(records):
            yield ",\n" if number else "\n"
            yield json.dumps(record, default=as_json, ensure_ascii=False)
        yield "\n]"
    yield "}\n"


def _put(archive: zipfile.ZipFile, name: str, texts: Iterable[str]) -> None:
    with archive.open(name, "w") as file:
        for text in texts:
            file.write(text.encode("utf-8", "replace"))
