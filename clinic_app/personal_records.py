"""What tables of somebody's records have in common: whose a row is, and since when it is kept.

Enquiries and appointments each are such a table. A row is found by its email address (`email_key`, in lower case)
or its phone number (E.164).
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import InstrumentedAttribute

from .extensions import db
from .lists import chunks
from .lists.records import different, is_nowhere


class PersonalRecords:
    """The rows of one table. `made_at` is the column of when a row was made, `notice` that of the version of the
    privacy notice that stood beside its form."""

    def __init__(self, model: type, *, made_at: InstrumentedAttribute, notice: InstrumentedAttribute):
        self.model = model
        self.made_at = made_at
        self.notice = notice

    def find(self, *, emails: Collection[str], phones: Collection[str], until: datetime | None = None) -> set[int]:
        """The ids of those under any of these: addresses in lower case, phone numbers as E.164.

        `until` leaves out those that were made later.
        """
        model = self.model
        query = select(model.id).where(or_(model.email_key.in_(emails), model.phone.in_(phones)))
        return set(db.session.scalars(query.where(self.made_at <= until) if until else query))

    def all_contacts(self) -> Iterator[str]:
        """Every address (in lower case) and number that any of them is under, each at least once."""
        for _, _, contacts in self._all():
            yield from contacts

    def all_made(self) -> Iterator[tuple[int, datetime]]:
        """(id, when it was made) of each that is somebody's: those made anonymous are nobody's."""
        for number, made_at, contacts in self._all():
            if contacts:
                yield number, made_at

    def made(self, ids: Collection[int]) -> set[tuple[int, datetime]]:
        """(id, when it was made) of each of these."""
        return different(ids, self.model.id, self.made_at)

    def contacts(self, ids: Collection[int]) -> set[str]:
        """The email addresses, as they were written, and phone numbers of these."""
        rows = different(ids, self.model.email, self.model.phone)
        return {contact for row in rows for contact in _real(row)}

    def names(self, ids: Collection[int]) -> set[str]:
        """Under which names."""
        return {name for (name,) in different(ids, self.model.name)}

    def named(self, ids: Collection[int], names: Collection[str]) -> set[int]:
        """Those of them under one of these names."""
        return {number for number, name in different(ids, self.model.id, self.model.name) if name in names}

    def notice_versions(self, ids: Collection[int]) -> set[str]:
        """Which privacy notices stood beside the forms."""
        return {version for (version,) in different(ids, self.notice)}

    def _all(self) -> Iterator[tuple[int, datetime, list[str]]]:
        key = self.model.id
        for number, made_at, *contacts in chunks.rows(
            select(key, self.made_at, self.model.email_key, self.model.phone), by=(key,)
        ):
            yield number, made_at, _real(contacts)


def _real(contacts: Collection[str | None]) -> list[str]:
    """Those that are somebody's: no blanks, and not what stands for an address that is gone."""
    return [contact for contact in contacts if contact and not is_nowhere(contact)]
