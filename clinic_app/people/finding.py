"""All that is held under an email address or a phone number.

Nobody is guessed: records belong to a person when they carry one of the identities asked for. An enquiry or
appointment that carries another one too shows that identity as "also known by", and staff decide whether it
is the same person (a household may share a phone). Where several share what was asked for, names among the
identities narrow it to the records under these. Testimonials carry names only, and so are found under nobody:
each is named by its number.
"""

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from flask import current_app
from sqlalchemy import select

from ..accounts.members import INVITATION, RESET
from ..accounts.models import Member
from ..booking import privacy as appointments
from ..booking.models import Practitioner
from ..enquiries import privacy as enquiries
from ..extensions import db
from ..mail import privacy as mails
from ..testimonials import privacy as testimonials
from .identities import EMAIL, NAME, PHONE, Identity, NotAnIdentity, parse, values

# As `Person` calls them.
RECORDS = {"appointments": appointments, "enquiries": enquiries, "testimonials": testimonials}
# Mails that staff get as staff, by name: of patients' things, and of accounts.
FOR_STAFF = ("appointment_notice", "enquiry_for_staff", INVITATION, RESET, "staff_password_changed")


class Person(NamedTuple):
    """What is held under these identities: ids, and what else the same records are known by. Or single records,
    whoever's they are.

    Where it was narrowed to the names `only`, `others` are those of the other records.
    """

    identities: tuple[Identity, ...]
    enquiries: frozenset[int]
    appointments: frozenset[int]
    mails: frozenset[int]
    only: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    also_known_by: tuple[Identity, ...] = ()
    is_staff: bool = False
    testimonials: frozenset[int] = frozenset()

    @property
    def is_unknown(self) -> bool:
        return not (self.enquiries or self.appointments or self.mails or self.testimonials)

    @property
    def fingerprint(self) -> str:
        """Changes when something is added or goes, or a testimonial is decided on, so that only what was shown is
        erased."""
        ids = [sorted(each) for each in (self.enquiries, self.appointments, self.mails)]
        decided = sorted(testimonials.decided(self.testimonials).items())
        return hashlib.sha256(repr((self.identities, ids, decided)).encode()).hexdigest()[:16]

    def newest_at(self) -> datetime | None:
        """When the last of their enquiries came or their appointments started."""
        times = [enquiry.received_at for enquiry in enquiries.newest(self.enquiries, count=1)]
        times += [appointment.starts_at for appointment in appointments.newest(self.appointments, count=1)]
        return max(times, default=None)

    def names(self) -> set[str]:
        """What they have called themselves."""
        return {name for kind, domain in RECORDS.items() for name in domain.names(getattr(self, kind))}


def find(identities: Iterable[Identity], *, until: datetime | None = None) -> Person:
    """All that is held under any of the identities, in a handful of queries; `until` leaves out what is later."""
    asked = sorted(set(identities))
    wanted = {"emails": values(asked, EMAIL), "phones": values(asked, PHONE), "until": until}
    enquiry_ids, appointment_ids = enquiries.find(**wanted), appointments.find(**wanted)
    others = set()
    if only := values(asked, NAME):
        others = (enquiries.names(enquiry_ids) | appointments.names(appointment_ids)) - only
        enquiry_ids = enquiries.named(enquiry_ids, only)
        appointment_ids = appointments.named(appointment_ids, only)
    contacts = enquiries.contacts(enquiry_ids) | appointments.contacts(appointment_ids)
    about = {"enquiry": enquiry_ids, "appointment": appointment_ids}
    to = () if only else wanted["emails"]  # whose of those who share the address, nobody knows
    return Person(
        identities=tuple(each for each in asked if each.kind != NAME),
        enquiries=frozenset(enquiry_ids),
        appointments=frozenset(appointment_ids),
        mails=frozenset(mails.find(about=about, to=to, for_staff=FOR_STAFF, until=until)),
        only=tuple(sorted(only)),
        others=tuple(sorted(others)),
        also_known_by=tuple(sorted(_identities(contacts) - set(asked))),
        is_staff=not staff_addresses().isdisjoint(wanted["emails"]),
    )


def of_records(
    *, enquiries: Collection[int] = (), appointments: Collection[int] = (), testimonials: Collection[int] = ()
) -> Person:
    """These records and the mails about them, whoever's they are."""
    found = mails.find(about={"enquiry": enquiries, "appointment": appointments}, to=())
    return Person(
        identities=(),
        enquiries=frozenset(enquiries),
        appointments=frozenset(appointments),
        mails=frozenset(found),
        testimonials=frozenset(testimonials),
    )


def staff_addresses() -> set[str]:
    """Where the clinic and its own people get mail, in lower case."""
    clinic = current_app.config["CLINIC"]
    query = select(Practitioner.email).where(Practitioner.email.is_not(None)).union(select(Member.email))
    return {address.lower() for address in (clinic.email, *clinic.recipients, *db.session.scalars(query))}


def _identities(contacts: set[str]) -> set[Identity]:
    found = set()
    for contact in contacts:
        try:
            found.add(parse(contact))
        except NotAnIdentity:
            continue
    return found
