"""What patients can book, as pages tell it: read once for each version of the content, not once for each page.

What is given here is for reading only. Whoever books reads the database, in the transaction that writes.
"""

from datetime import date
from typing import NamedTuple

from .. import clock, content_version
from ..booking import availability, profiles
from ..booking.availability import Openings
from ..booking.models import Practitioner, Service
from ..booking.slots import Diary
from ..extensions import db


class Offer(NamedTuple):
    """A service, and those who offer it from a day on with all that decides when they are free."""

    service: Service
    diaries: list[tuple[Practitioner, Diary]]

    @property
    def people(self) -> list[Practitioner]:
        """Those who offer it and have not left; nobody offers a service that is retired."""
        return [person for person, _ in self.diaries]

    def openings(
        self, *, practitioner: Practitioner | None = None, first: date | None = None, last: date | None = None
    ) -> Openings:
        """What `availability.load` gives."""
        rules = availability.rules_of(self.service, now=clock.now())
        diaries = [pair for pair in self.diaries if practitioner in (None, pair[0])]
        return Openings(rules, diaries, first or clock.local(rules.now).date(), last or rules.last_day)


def of(slug: str) -> Offer:
    """The offer of the service with this slug, from today on. Raises profiles.NotFound."""
    today = clock.today()
    return content_version.kept(("offer", slug, today), lambda: _read(slug, today))


def _read(slug: str, today: date) -> Offer:
    service = profiles.service(slug)
    here = [person for person in service.practitioners if person.works_on(today)]
    last = availability.rules_of(service, now=clock.now()).last_day
    diaries = availability.diaries([] if service.retired else here, availability.reach(today, last))
    for row in (service, *service.practitioners):
        db.session.expunge(row)  # other threads will read them, when this session is long gone
    return Offer(service, diaries)
