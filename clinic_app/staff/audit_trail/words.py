"""Entries of the trail in words, and the pages of what they are about."""

from collections.abc import Iterable

from flask import current_app, url_for
from sqlalchemy import func, select

from ...accounts.models import AuditEntry, Member
from ...enquiries import references
from ...enquiries.models import Enquiry
from ...extensions import db
from ...lists.counting import how_many

KINDS = {"mail": "email"}  # what people call them, where it is not what the trail does
# The pages of things, by their kind: endpoint, and the name of its argument.
PAGES = {
    "appointment": ("staff.appointments.show", "appointment_id"),
    "mail": ("staff.mail.show", "mail_id"),
    "member": ("staff.team.show", "member_id"),
    "post": ("staff.posts.edit", "post_id"),
    "practitioner": ("staff.practitioners.edit", "practitioner_id"),
    "reply template": ("staff.enquiries.templates.edit", "template_id"),
    "service": ("staff.services.edit", "service_id"),
    "testimonial": ("staff.testimonials.show", "testimonial_id"),
}
# What details count: one, and several.
COUNTED = {
    "enquiries": ("enquiry", "enquiries"),
    "appointments": ("appointment", "appointments"),
    "mails": ("email", "emails"),
    "testimonials": ("testimonial", "testimonials"),
    "mails withdrawn": ("email held back", "emails held back"),
    "left": ("left", "left"),
    "times": ("time", "times"),
    "waved_through": ("warning overridden", "warnings overridden"),
}
LEADING_ON = (" of", " as", " for")
WHOLE = ("closure", "erasure")  # kinds whose actions say it all: "closed the clinic"


class Things:
    """What entries are about: what each is called, and where its page is. Two queries, whatever their number."""

    def __init__(self, entries: Iterable[AuditEntry]):
        ids: dict[str, set[int]] = {}
        for entry in entries:
            ids.setdefault(entry.kind, set()).add(entry.about_id)
        # Who is invited by address has no name yet.
        name = func.coalesce(func.nullif(Member.name, ""), Member.email)
        self.members = _named(Member.id, name, ids.get("member"))
        self.enquiries = _named(Enquiry.id, Enquiry.reference, ids.get("enquiry"))

    def called(self, entry: AuditEntry) -> str:
        """`Casey Invented`, `enquiry 482-173-096`, `appointment 12`; nothing where they did it to themselves."""
        if entry.kind == "member" and entry.about_id == entry.member_id and not entry.action.endswith(LEADING_ON):
            return ""
        if entry.kind == "member" and entry.about_id in self.members:
            return self.members[entry.about_id]
        if entry.kind == "enquiry" and (reference := self.enquiries.get(entry.about_id)):
            return f"enquiry {references.shown(reference)}"
        called = f"{KINDS.get(entry.kind, entry.kind)} {entry.about_id}" if entry.kind else ""
        return f"({called})" if entry.kind in WHOLE else called

    def page(self, entry: AuditEntry) -> str | None:
        """The address of its page, where there is one."""
        if entry.kind == "enquiry" and (reference := self.enquiries.get(entry.about_id)):
            return url_for("staff.enquiries.show", reference=references.shown(reference))
        endpoint, argument = PAGES.get(entry.kind, (None, None))
        if endpoint not in current_app.view_functions:
            return None
        return url_for(endpoint, **{argument: entry.about_id})


def in_words(details: dict) -> str:
    """`All that is held; 2 enquiries; 15 emails.`"""
    told = "; ".join(_told(name, value) for name, value in details.items())
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def _told(name: str, value) -> str:
    if name == "what":
        return str(value)
    if name in COUNTED:
        count = len(value) if isinstance(value, list) else value  # entries stay, and once said which
        return how_many(count, *COUNTED[name])
    return f"{name.replace('_', ' ')}: {_word(value)}"


def _word(value) -> str:
    if isinstance(value, list):
        return ", ".join(map(_word, value)) or "none"
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "no", None: "none"}[value]
    return str(value)


def _named(number, name, ids: set[int] | None) -> dict[int, str]:
    return dict(db.session.execute(select(number, name).where(number.in_(ids))).all()) if ids else {}
