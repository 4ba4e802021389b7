"""Receiving enquiries: each is stored once, with its mails, in the caller's transaction.

What takes a while, rendering the mails above all, is prepared before it: SQLite has one writer at a time.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import make_transient_to_detached

from .. import clock, database, sent_forms
from ..extensions import db
from ..keys import secret_key
from . import notifications, references, spam
from .models import Enquiry, EnquiryWords, words_of

REPEATS_LOOKED_FOR = timedelta(days=2)
TRIES = 5

# Made once, since making a statement takes longer than its execution.
_OF_FORM = select(Enquiry).where(Enquiry.form_key == bindparam("form_key"))
_REPEATS = select(func.count(Enquiry.id)).where(
    Enquiry.message_digest == bindparam("digest"), Enquiry.received_at >= bindparam("since")
)
_WORDS_INSERTION = insert(EnquiryWords.__table__)
_COLUMNS = [column.name for column in Enquiry.__table__.columns if column.name != "id"]


class Submission(NamedTuple):
    """What a visitor sent, validated: texts cleaned, the phone number as E.164; unknown is empty.

    `nonce` names the form that was filled in, "" where it came without one. `filled_in_seconds` is None where
    the form's signed time was missing or forged. `honeypot` is the hidden field's text.
    """

    name: str
    email: str
    phone: str
    topic: str
    message: str
    privacy_version: str
    nonce: str = ""
    honeypot: str = ""
    filled_in_seconds: float | None = None

    @property
    def form_key(self) -> str:
        """Tells submissions apart."""
        texts = (self.name, self.email, self.phone, self.topic, self.message)
        return sent_forms.key_of(self.nonce, *texts)

    @property
    def message_digest(self) -> str:
        """The same for messages that differ in case and spacing only."""
        return digest_of(self.message)


def digest_of(message: str) -> str:
    """Tells by nothing but the site's key what the message was: short ones could be guessed from a plain hash."""
    return secret_key.digest(" ".join(message.casefold().split()))


class Prepared(NamedTuple):
    """An enquiry and its mails, ready to be stored; see `prepare`."""

    submission: Submission
    enquiry: Enquiry
    mails: list[dict]


def prepare(submission: Submission) -> Prepared:
    """What `store` will store; only reads.

    What looks like spam is stored as such, with its reasons, and sends no mail.
    """
    enquiry = _enquiry(submission)
    return Prepared(submission, enquiry, [] if enquiry.state == "spam" else notifications.compose(enquiry))


def store(prepared: Prepared, *, count: Callable[[], None] = lambda: None) -> Enquiry:
    """Store the enquiry and queue its mails; sent before, give the one that is there and change nothing.

    `count` is called for a new one only, before its mails are queued; if it raises, so does this.
    """
    for _ in range(TRIES):
        if _insert(prepared.enquiry):
            count()
            notifications.queue(prepared.enquiry, prepared.mails)
            return prepared.enquiry
        if enquiry := sent_before(prepared.submission):
            return enquiry
        prepared = prepare(prepared.submission)  # with another reference
    raise RuntimeError(f"no free reference in {TRIES} draws")


def find(reference: str) -> Enquiry | None:
    """The enquiry of a reference as somebody typed it."""
    digits = references.parse(reference)
    return db.session.scalar(select(Enquiry).filter_by(reference=digits)) if digits else None


def latest(*, state: str | None = None, limit: int = 50) -> Sequence[Enquiry]:
    """The enquiries received last, newest first."""
    query = select(Enquiry).order_by(Enquiry.received_at.desc(), Enquiry.id.desc()).limit(limit)
    return db.session.scalars(query.filter_by(state=state) if state else query).all()


def sent_before(submission: Submission) -> Enquiry | None:
    """The enquiry that this very submission made when it came before."""
    return db.session.scalar(_OF_FORM, {"form_key": submission.form_key})


def _insert(enquiry: Enquiry) -> bool:
    """Insert it; gives whether that was possible: not where its form was sent, or its reference drawn, before."""
    columns = {name: getattr(enquiry, name) for name in _COLUMNS}
    enquiry.id = db.session.scalar(_insertion(), columns)
    if enquiry.id is None:
        return False
    make_transient_to_detached(enquiry)  # what the row holds is known, and need not be read
    db.session.add(enquiry)
    db.session.execute(_WORDS_INSERTION, {"enquiry_id": enquiry.id, "words": words_of(enquiry)})
    return True


@database.made_once
def _insertion():
    return database.upsert(Enquiry.__table__).on_conflict_do_nothing().returning(Enquiry.id)


def _enquiry(submission: Submission) -> Enquiry:
    verdict = spam.assess(
        spam.Signs(
            name=submission.name,
            message=submission.message,
            honeypot=submission.honeypot,
            filled_in_seconds=submission.filled_in_seconds,
            repeats=_repeats(submission) if spam.says_something(submission.message) else 0,
        )
    )
    return Enquiry(
        reference=references.new(),
        form_key=submission.form_key,
        name=submission.name,
        email=submission.email,
        phone=submission.phone,
        topic=submission.topic,
        message=submission.message,
        privacy_version=submission.privacy_version,
        state="spam" if verdict.is_spam else "new",
        spam_score=verdict.score,
        spam_reasons=verdict.reasons,
        message_digest=submission.message_digest,
        received_at=clock.now(),
    )


def _repeats(submission: Submission) -> int:
    since = clock.now() - REPEATS_LOOKED_FOR
    return db.session.scalar(_REPEATS, {"digest": submission.message_digest, "since": since})
