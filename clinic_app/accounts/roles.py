"""Roles, and what each may do. A member of staff may have several; what they may do is the sum.

Flask-Security reads roles by these objects; they live in code, since a permission means nothing without its pages.
"""

from dataclasses import dataclass

from flask_security import RoleMixin

PERMISSIONS = {
    "enquiries": "read and answer enquiries",
    "calendar": "everyone's calendar, requests, hours and closures",
    "own_calendar": "their own calendar, appointments, hours and time off",
    "services": "services and practitioners",
    "posts": "write and publish posts",
    "testimonials": "decide on testimonials",
    "mail": "see emails and send them again, and whether the site is well",
    "figures": "figures",
    "people": "see and export all that is held about a person",
    "erase": "erase a person, or a testimonial",
    "team": "staff accounts",
    "audit": "the audit trail",
}
CALENDARS = ("calendar", "own_calendar")  # either leads to the calendar


@dataclass(frozen=True, eq=False)
class Role(RoleMixin):
    """A role by its name; `description` completes the sentence "They ..."."""

    name: str
    description: str
    permissions: frozenset[str]


ROLES = {
    role.name: role
    for role in (
        Role("owner", "run the clinic: everything, staff accounts and erasing people too", frozenset(PERMISSIONS)),
        Role(
            "reception",
            "answer enquiries, keep everyone’s calendar, see emails and figures, and look people up",
            frozenset({"enquiries", "calendar", "mail", "figures", "people"}),
        ),
        Role("editor", "write posts and decide on testimonials", frozenset({"posts", "testimonials"})),
        Role(
            "practitioner",
            "see and keep their own calendar, appointments, hours and time off",
            frozenset({"own_calendar"}),
        ),
    )
}
