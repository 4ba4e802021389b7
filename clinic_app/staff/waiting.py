"""What waits for somebody of staff: one list from all areas they may enter, most urgent first, and its counts."""

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import Select, select

from .. import clock
from ..accounts.models import Member
from ..accounts.roles import CALENDARS
from ..blog import posts
from ..blog.models import Post
from ..booking import requests, stranding
from ..booking.models import Appointment
from ..booking.urgency import CAN_WAIT, LAPSED, OVERDUE, SOON, STARTS_SOON, URGENCIES
from ..enquiries import listing as enquiries
from ..enquiries import references
from ..enquiries.models import Enquiry
from ..extensions import db
from ..lists.counting import counted
from ..mail import listing as mails
from ..mail.models import OutboxMail
from ..testimonials import listing as testimonials
from ..testimonials.models import WAITING, Testimonial
from ..text.direction import isolated

COUNTED = 100  # more are told as "99+"
SHOWN = 6  # of each kind; the rest is behind a link


class Task(NamedTuple):
    """One thing to do: what it is, where it is done and what that is called.

    `since` is the instant since when it waits, None where nobody knows; `urgency` an index of URGENCIES.
    """

    kind: str
    title: str
    about: str
    since: datetime | None
    url: str
    action: str
    urgency: int = CAN_WAIT

    @property
    def mark(self) -> str:
        return URGENCIES[self.urgency]


class Kind(NamedTuple):
    """Things of one table that wait: the list they stand in, who sees them, which they are, in which order."""

    endpoint: str
    plural: str
    needs: tuple[str, ...]
    query: Callable[[Member], Select]
    order: tuple
    task: Callable[[Any], Task]
    state: str | None = None  # of the list, where it shows others at first
    is_urgent: bool = True  # counted in the rail


def tasks(member: Member) -> list[Task]:
    """What waits for this member, up to SHOWN of each kind: the most urgent first, and of those by kinds, each in
    its order."""
    found = [
        kind.task(row)
        for kind in KINDS
        if member.may(*kind.needs)
        for row in db.session.scalars(kind.query(member).order_by(*kind.order).limit(SHOWN))
    ]
    return sorted(found, key=attrgetter("urgency"))


def counts(member: Member) -> dict[str, int]:
    """How many wait in each area that the rail counts, by its blueprint, up to COUNTED. One query."""
    found = _counted([kind for kind in KINDS if kind.is_urgent], member)
    return {kind.endpoint.rpartition(".")[0]: count for kind, count in found}


def more(member: Member) -> list[tuple[str, str, int]]:
    """(address, what, how many) of the lists in which more wait than `tasks` shows, up to COUNTED. One query."""
    found = [(kind, count) for kind, count in _counted(KINDS, member) if count > SHOWN]
    return [(url_for(kind.endpoint, state=kind.state), kind.plural, count) for kind, count in found]


def _counted(kinds: Iterable[Kind], member: Member) -> list[tuple[Kind, int]]:
    kinds = [kind for kind in kinds if member.may(*kind.needs)]
    if not kinds:
        return []
    parts = [counted(kind.query(member), kind.order[-1], up_to=COUNTED) for kind in kinds]
    return list(zip(kinds, db.session.execute(select(*parts)).one(), strict=True))


def bound_to(member: Member) -> int | None:
    """The practitioner whose calendar alone the member sees; None for who sees everyone's."""
    return None if member.may("calendar") else member.practitioner_id or 0


def _enquiry(enquiry: Enquiry) -> Task:
    return Task(
        kind="Enquiry",
        title=enquiry.name,
        about=f"{enquiry.topic}: {isolated(_opening(enquiry.message))}",
        since=enquiry.received_at,
        url=url_for("staff.enquiries.show", reference=references.shown(enquiry.reference)),
        action="Answer",
        urgency=OVERDUE if enquiries.is_overdue(enquiry) else CAN_WAIT,
    )


def _request(appointment: Appointment) -> Task:
    return _about(
        appointment,
        kind="Request",
        since=appointment.told_at,
        action="Answer" if appointment.urgency == LAPSED else "Confirm",
        urgency=appointment.urgency,
    )


def _requests(member: Member) -> Select:
    return requests.waiting(practitioner_id=bound_to(member), now=clock.now()).order_by(Appointment.urgency)


def _stranded(appointment: Appointment) -> Task:
    return _about(
        appointment,
        kind="Outside hours",
        since=None,
        action="Look at it",
        urgency=STARTS_SOON if appointment.starts_at <= clock.now() + SOON else CAN_WAIT,
    )


def _about(appointment: Appointment, **what) -> Task:
    return Task(
        title=f"{isolated(appointment.name)}, {clock.format_when(appointment.starts_at)}",
        about=f"{appointment.service.name} with {appointment.practitioner.name}",
        url=url_for("staff.appointments.show", appointment_id=appointment.id),
        **what,
    )


def _mail(mail: OutboxMail) -> Task:
    return Task(
        kind="Failed email",
        title=f"{mail.subject}, to {mail.to_address}",
        about=mail.last_error,
        since=mail.last_attempted_at or mail.created_at,
        url=url_for("staff.mail.show", mail_id=mail.id),
        action="Look at it",
        urgency=OVERDUE,
    )


def _testimonial(testimonial: Testimonial) -> Task:
    return Task(
        kind="Testimonial",
        title=testimonial.name,
        about=_opening(testimonial.text),
        since=testimonial.received_at,
        url=url_for("staff.testimonials.show", testimonial_id=testimonial.id),
        action="Decide",
    )


def _draft(post: Post) -> Task:
    return Task(
        kind="Draft",
        title=post.title,
        about=f"by {post.author.name}",
        since=post.created_at,
        url=url_for("staff.posts.edit", post_id=post.id),
        action="Finish",
    )


def _opening(text: str) -> str:
    words = " ".join(text[:400].split())
    return words if len(words) <= 120 else (words[:120].rpartition(" ")[0] or words[:120]) + "…"


KINDS = (
    Kind(
        endpoint="staff.enquiries.index",
        plural="enquiries",
        needs=("enquiries",),
        query=lambda member: enquiries.matching(state="new"),
        order=enquiries.LONGEST_WAITING_FIRST,
        task=_enquiry,
    ),
    Kind(
        endpoint="staff.calendar.requests",
        plural="requests",
        needs=CALENDARS,
        query=_requests,
        order=(Appointment.starts_at, Appointment.id),
        task=_request,
    ),
    Kind(
        endpoint="staff.calendar.hours_of_all",
        plural="appointments outside hours",
        needs=CALENDARS,
        query=lambda member: stranding.waiting(practitioner_id=bound_to(member)),
        order=(Appointment.starts_at, Appointment.id),
        task=_stranded,
        is_urgent=False,  # hours are arithmetic, which is too much for every page
    ),
    Kind(
        endpoint="staff.mail.index",
        plural="failed emails",
        needs=("mail",),
        query=lambda member: mails.matching("failed"),
        order=(OutboxMail.id,),
        task=_mail,
        state="failed",
    ),
    Kind(
        endpoint="staff.testimonials.index",
        plural="testimonials",
        needs=("testimonials",),
        query=lambda member: testimonials.matching(WAITING),
        order=(Testimonial.id,),
        task=_testimonial,
    ),
    Kind(
        endpoint="staff.posts.index",
        plural="drafts",
        needs=("posts",),
        query=lambda member: posts.drafts(),
        order=(Post.created_at, Post.id),
        task=_draft,
        state="draft",
        is_urgent=False,
    ),
)
