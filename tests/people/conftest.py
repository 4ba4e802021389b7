"""Jo Fictional, of whom the site holds something in every place it can; and Lee Invented beside them."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from flask import current_app
from sqlalchemy import inspect, select, text, update

from clinic_app import clock, database, privacy_notice
from clinic_app.booking import appointments
from clinic_app.booking.appointments import Patient
from clinic_app.enquiries import entries, replies
from clinic_app.extensions import db
from clinic_app.mail import files
from clinic_app.mail.models import OutboxMail

from ..booking.conftest import MONDAY, NOW, at, clinic  # noqa: F401  fixtures
from ..factories import enquire

# Words that stand nowhere but in what is held of Jo: as they are written, none may be left.
WORDS = ("fictional", "jo.f@", "491570156", "kneecap", "trapeze", "walrus", "telegram", "hamstring")
JO = Patient(
    name="Jo Fictional", email="Jo.F@example.org", phone="+61491570156", is_new=True, note="My kneecap clicks."
)


def stored() -> str:
    """Every value of every table, tables of the full-text indexes too, in lower case."""
    db.session.rollback()
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            return "\n".join(
                "\n".join(connection.scalars(text(f'SELECT t::text FROM "{name}" t')))
                for name in inspect(connection).get_table_names()
            ).lower()
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        return "\n".join(
            repr(tuple(row)) for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))
        ).lower()


def left_of_jo() -> list[str]:
    everything = stored()
    return [word for word in WORDS if word in everything]


@pytest.fixture
def noon(app):
    """Saturday noon in Sydney, two days before MONDAY, unless it is moved."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def jo(clinic, at, noon, made_once):  # noqa: F811
    """What Jo has left: an enquiry with a thread, an appointment moved and cancelled, one kept, and mails."""
    left, mails = made_once("jo", lambda: (_leave(clinic, at, noon), _files()))
    for path, content in mails.items():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    noon.move_to(at(MONDAY, "12:00") + timedelta(days=1))
    return left


def _leave(clinic, at, noon):  # noqa: F811
    with database.transaction():
        privacy_notice.keep()
        version = privacy_notice.privacy_notice().version
        enquiry = enquire(
            name=JO.name,
            email=JO.email,
            phone=JO.phone,
            message="I fell off a trapeze.",
            privacy_version=version,
            nonce="jo-1",
        )
        entries.note(enquiry, text="Sounds like a walrus.", by=None)
        entries.note_call(enquiry, text="Sent a telegram.", by=None)
        replies.send(enquiry, text="Rest the hamstring.", by=None)
        moved = _book(clinic, at(MONDAY, "09:00"), enquiry_id=enquiry.id)
        appointments.reschedule(moved, starts_at=at(MONDAY, "10:00"))
        appointments.cancel(moved, by=appointments.STAFF, reason="Ladder again.")
        kept = _book(clinic, at(MONDAY, "11:00"))
    noon.move_to(at(MONDAY, "12:00"))
    with database.transaction():
        appointments.fulfil(db.session.merge(kept))
    _send_mails()
    noon.shift(timedelta(days=1))
    with database.transaction():
        replies.send(db.session.merge(enquiry), text="The hamstring again.", by=None)
    return SimpleNamespace(enquiry=enquiry.id, moved=moved.id, kept=kept.id)


@pytest.fixture
def lee(jo):
    """Lee's enquiry, which must stay as it is."""
    with database.transaction():
        return enquire(name="Lee Invented", email="lee@example.com", phone="", nonce="lee-1").id


def _book(clinic, starts_at, **changes):  # noqa: F811
    return appointments.book(
        service=clinic.visit, practitioner=clinic.robin, starts_at=starts_at, patient=JO, **changes
    )


def _files() -> dict[Path, bytes]:
    """The mails that have gone out, as files."""
    return {path: path.read_bytes() for path in (Path(current_app.instance_path) / "outbox").glob("*.eml")}


def _send_mails() -> None:
    """All that are queued: the first fails, the others go out as files."""
    with database.transaction() as session:
        mails = session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()
        for mail in mails[1:]:
            files.write(mail)
        session.execute(update(OutboxMail).values(state="sent", sent_at=clock.now()))
        session.execute(
            update(OutboxMail)
            .where(OutboxMail.id == mails[0].id)
            .values(state="failed", sent_at=None, last_error="550 no mailbox jo.f@example.org")
        )
