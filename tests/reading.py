"""What tests read: pages as they are seen, and rows as they are stored."""

from collections.abc import Iterable

from bs4 import BeautifulSoup
from sqlalchemy import func, select

from clinic_app.accounts.models import AuditEntry
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db


def page_of(client, path: str, status: int = 200) -> BeautifulSoup:
    """The page at this address."""
    return read(client.get(path), status)


def read(answer, status: int = 200) -> BeautifulSoup:
    """The page of an answer that has this status."""
    assert answer.status_code == status, (answer.request.path, answer.status_code, answer.location)
    return parsed(answer.text)


def parsed(html: str | bytes) -> BeautifulSoup:
    """A page, or a piece of one, whatever it was the answer to."""
    return BeautifulSoup(html, "lxml")


def text_of(tag) -> str:
    """What is read of it, with single blanks between the words."""
    return " ".join(tag.get_text(" ").split())


def texts(tags: Iterable) -> list[str]:
    """What is read of each."""
    return [text_of(tag) for tag in tags]


def trail() -> list[tuple[str, str, int | None]]:
    """(action, kind, number) of all that was done, in order."""
    db.session.rollback()
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(entry.action, entry.kind, entry.about_id) for entry in entries]


def actions() -> list[str]:
    """What was done, in order, without telling to what."""
    return [action for action, _, _ in trail()]


def how_many(model, *conditions) -> int:
    """The number of stored rows of which all these hold."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def all_appointments() -> list[Appointment]:
    """All that are stored, read afresh, in order of making."""
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Appointment).order_by(Appointment.id)))


def only_appointment() -> Appointment:
    (appointment,) = all_appointments()
    return appointment
