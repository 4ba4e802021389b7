"""The rail: the areas that the signed-in member may enter, and how much waits in each."""

from typing import NamedTuple

from ..accounts.roles import CALENDARS
from . import waiting
from .area import member


class Entry(NamedTuple):
    """One line of the rail; without permissions it is everybody's. `also` are areas that it stands for too."""

    endpoint: str
    label: str
    icon: str
    needs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        """The blueprint of its pages."""
        return self.endpoint.rpartition(".")[0]

    def stands_for(self, blueprint: str | None) -> bool:
        """Whether a page of this blueprint lies in the entry's area."""
        areas = (self.area, *self.also)
        return any(blueprint == area or (blueprint or "").startswith(f"{area}.") for area in areas)


ENTRIES = (
    Entry("staff.queue.index", "Queue", "queue"),
    Entry("staff.enquiries.index", "Enquiries", "inbox", ("enquiries",)),
    Entry("staff.calendar.index", "Calendar", "calendar", CALENDARS, ("staff.appointments",)),
    Entry("staff.posts.index", "Posts", "pen", ("posts",)),
    Entry("staff.testimonials.index", "Testimonials", "quote", ("testimonials",)),
    Entry("staff.mail.index", "Mail", "mail", ("mail",)),
    Entry("staff.people.index", "People", "person", ("people",)),
    Entry("staff.figures.index", "Figures", "chart", ("figures",)),
    Entry("staff.services.index", "Services and practitioners", "list", ("services",), ("staff.practitioners",)),
    Entry("staff.team.index", "Staff", "team", ("team",)),
    Entry("staff.audit.index", "Audit trail", "trail", ("audit",)),
    Entry("staff.health.index", "Health", "check", ("mail",)),
)


def rail() -> list[tuple[Entry, int]]:
    """The entries of the signed-in member, each with how many things wait there. One query."""
    waits = waiting.counts(member())
    return [(e, waits.get(e.area, 0)) for e in ENTRIES if not e.needs or member().may(*e.needs)]
