"""The rail: the areas that the signed-in member may enter."""

from dataclasses import dataclass

from flask import current_app

from .area import member


@dataclass(frozen=True)
class Entry:
    """One line of the rail; without permissions it is everybody's."""

    endpoint: str
    label: str
    icon: str
    needs: tuple[str, ...] = ()


ENTRIES = (
    Entry("staff.queue.index", "Queue", "queue"),
    Entry("staff.enquiries.index", "Enquiries", "inbox", ("enquiries",)),
    Entry("staff.calendar.index", "Calendar", "calendar", ("calendar", "own_calendar")),
    Entry("staff.posts.index", "Posts", "pen", ("posts",)),
    Entry("staff.testimonials.index", "Testimonials", "quote", ("testimonials",)),
    Entry("staff.mail.index", "Mail", "mail", ("mail",)),
    Entry("staff.people.index", "People", "person", ("people",)),
    Entry("staff.figures.index", "Figures", "chart", ("figures",)),
    Entry("staff.services.index", "Services", "list", ("services",)),
    Entry("staff.team.index", "Staff", "team", ("team",)),
    Entry("staff.audit.index", "Audit trail", "trail", ("audit",)),
)


def rail() -> list[Entry]:
    """The entries of the signed-in member."""
    known = current_app.view_functions
    return [e for e in ENTRIES if e.endpoint in known and (not e.needs or member().may(*e.needs))]
