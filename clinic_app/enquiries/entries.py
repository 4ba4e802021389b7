"""The lines of a thread: what staff wrote and did, each once."""

from collections.abc import Collection

from sqlalchemy import exists, func, insert, select

from .. import clock, database, sent_forms
from ..extensions import db
from ..mail.models import OutboxMail
from ..types import Author
from .models import Enquiry, EnquiryEntry
from .refusals import HeldAsSpam


def add(
    enquiry: Enquiry,
    kind: str,
    *,
    by: Author | None,
    text: str = "",
    form_key: str | None = None,
    mail_id: int | None = None,
) -> EnquiryEntry:
    """Write a line; flushes. `by` is None for the command line."""
    entry = EnquiryEntry(**_columns(enquiry.id, kind, by, text), form_key=form_key, mail_id=mail_id)
    db.session.add(entry)
    db.session.flush()
    return entry


def add_to_each(enquiry_ids: Collection[int], kind: str, *, by: Author | None) -> None:
    """Write the same line, without a text, for each of these enquiries; one statement."""
    if enquiry_ids:
        db.session.execute(insert(EnquiryEntry), [_columns(number, kind, by) for number in enquiry_ids])


def note(enquiry: Enquiry, *, text: str, by: Author | None, nonce: str = "") -> bool:
    """Keep a note for staff, once for a form; gives whether it is new."""
    return _once(enquiry, "note", text, by, nonce)


def note_call(enquiry: Enquiry, *, text: str, by: Author | None, nonce: str = "") -> bool:
    """Keep what was said on the phone, once for a form; gives whether it is new. The enquiry counts as answered.

    Raises HeldAsSpam.
    """
    is_new = _once(enquiry, "call", text, by, nonce)
    mark_answered(enquiry)
    return is_new


def mark_answered(enquiry: Enquiry) -> None:
    """It is answered as of now, unless it was before; a new one becomes open. Raises HeldAsSpam."""
    if enquiry.state == "spam":
        raise HeldAsSpam
    if enquiry.state == "new":
        enquiry.state = "open"
    enquiry.first_answered_at = enquiry.first_answered_at or clock.now()
    db.session.flush()


def an_answer_stands(enquiry: Enquiry) -> bool:
    """Whether somebody has called, or replied by a mail that was not withdrawn."""
    withdrawn = exists().where(OutboxMail.id == EnquiryEntry.mail_id, OutboxMail.withdrawn_at.is_not(None))
    answers = select(EnquiryEntry.id).where(EnquiryEntry.kind.in_(("call", "reply")), ~withdrawn)
    return db.session.scalar(answers.filter_by(enquiry_id=enquiry.id).limit(1)) is not None


def written_before(enquiry: Enquiry, key: str) -> bool:
    """Whether the form of this key has made a line before. Ask with the enquiry locked."""
    return db.session.scalar(select(EnquiryEntry.id).filter_by(enquiry_id=enquiry.id, form_key=key)) is not None


def last(enquiry: Enquiry, kind: str) -> EnquiryEntry | None:
    """The last line of this kind."""
    query = select(EnquiryEntry).filter_by(enquiry_id=enquiry.id, kind=kind)
    return db.session.scalar(query.order_by(EnquiryEntry.id.desc()).limit(1))


def latest(enquiry: Enquiry) -> int:
    """The number of the last line; 0 where there is none."""
    return db.session.scalar(select(func.max(EnquiryEntry.id)).filter_by(enquiry_id=enquiry.id)) or 0


def _columns(enquiry_id: int, kind: str, by: Author | None, text: str = "") -> dict:
    return {
        "enquiry_id": enquiry_id,
        "kind": kind,
        "text": text,
        "author_id": by.id if by else None,
        "author_name": by.name if by else "",
        "created_at": clock.now(),
    }


def _once(enquiry: Enquiry, kind: str, text: str, by: Author | None, nonce: str) -> bool:
    database.lock(enquiry)
    key = sent_forms.key_of(nonce, kind, text)
    if written_before(enquiry, key):
        return False
    add(enquiry, kind, by=by, text=text, form_key=key)
    return True
