"""What a visitor has chosen so far. It stands in the address, so every step of booking can be shared.

/book/<service>/<practitioner or "anyone">/<start>, the start as the clinic's clocks show it. Addresses grow old in
mails and on paper: one that does not hold any more leads to the nearest step that does, with a note.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from flask import abort, redirect, url_for

from .. import clock
from ..booking import availability, profiles
from ..booking.availability import Openings, Slot
from ..booking.models import Appointment, Practitioner, Service
from ..booking.placing import cutoff_of
from ..web.times import read_start, start_text
from . import offers
from .offers import Offer

ANYONE = "anyone"
ALTERNATIVES = 4  # offered at most

NOTES = {
    "service": "That can’t be booked online. Here is what you can book.",
    "person": "That person doesn’t offer this online. Choose someone else, or whoever is free first.",
    "time": "We couldn’t read that time. Choose one below.",
    "gone": "That time isn’t free any more. Choose another one below.",
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What has been chosen, in plain values: a page can show it even when the database has stopped answering."""

    service: str
    service_name: str
    person: str = ANYONE
    person_name: str = ""
    starts_at: datetime | None = None
    minutes: int | None = None
    price_cents: int | None = None
    confirm: str = "instant"
    cutoff: timedelta = timedelta(0)

    @classmethod
    def of(cls, service: Service, person: Practitioner | None = None, starts_at: datetime | None = None):
        return cls(
            service=service.slug,
            service_name=service.name,
            person=person.slug if person else ANYONE,
            person_name=person.name if person else "",
            starts_at=starts_at,
            minutes=service.minutes,
            price_cents=service.price_cents,
            confirm=service.confirm,
            cutoff=cutoff_of(service, is_request=service.confirm == "staff"),
        )

    @cached_property
    def times_url(self) -> str:
        return url_for("booking.times", service=self.service, person=self.person)

    def url(self, starts_at: datetime) -> str:
        """The address of the details form for a time."""
        return f"{self.times_url}/{start_text(starts_at)}"

    @property
    def terms(self) -> str:
        """What whoever books agrees to, to tell whether it has changed since; "" where it is not known."""
        return f"{self.minutes} {self.price_cents} {self.confirm}" if self.minutes else ""

    @property
    def can_be_changed(self) -> bool:
        """Whether who books it now can move or cancel it here."""
        return clock.now() <= self.starts_at - self.cutoff

    def is_of(self, appointment: Appointment) -> bool:
        """Whether the appointment is what was chosen."""
        return (
            appointment.service.slug == self.service
            and appointment.starts_at == self.starts_at
            and self.person in (ANYONE, appointment.practitioner.slug)
        )

    def with_person(self, slug: str) -> "Choice":
        return replace(self, person=slug)


def offer_of(slug: str) -> Offer:
    """The service that can be booked; leads to the list of services where there is none."""
    offer = _found(offers.of, slug)
    if offer is None or offer.service.retired:
        lead_to("booking.services", note="service")
    return offer


def person_of(offer: Offer, slug: str) -> Practitioner | None:
    """The practitioner, or None for anyone; leads back to the choice where they do not offer the service."""
    if slug == ANYONE:
        return None
    for person in offer.people:
        if person.slug == slug:
            return person
    return lead_to("booking.people", service=offer.service.slug, note="person")


def start_of(service: Service, person: str, text: str) -> datetime:
    """The start's instant, in UTC; leads to the times where it cannot be read."""
    return read_start(text) or lead_to("booking.times", service=service.slug, person=person, note="time")


def sent_with(service: str, person: str, text: str) -> Choice:
    """The choice that a form was sent with. What was typed must not be lost, so only nonsense is led elsewhere.

    Where no practitioner has this slug, the choice is "anyone": the view has to look whether that was asked for.
    """
    found = _found(profiles.service, service) or lead_to("booking.services", note="service")
    who = None if person == ANYONE else _found(profiles.practitioner, person)
    return Choice.of(found, who, start_of(found, person, text))


def unread(service: str, person: str, text: str) -> Choice:
    """The choice by its address alone, for when the database does not answer."""
    return Choice(
        service=service,
        service_name=service.replace("-", " ").capitalize(),
        person=person,
        person_name="" if person == ANYONE else person.replace("-", " ").title(),
        starts_at=read_start(text),
    )


def lead_to(endpoint: str, **values):
    """Answer with a redirect to a step that holds."""
    abort(redirect(url_for(endpoint, **values)))


def alternatives(choice: Choice) -> list[tuple[str, Slot, str]]:
    """What to offer instead of the time of the choice: (address, slot, with whom if that differs), best first.

    The same time with somebody else, then the times nearest to it. Few days are looked at, unless they are full.
    """
    for days in (2, 14, None):
        openings = _around(choice, days)
        found = [*_same_time(choice, openings), *_nearest(choice, openings)]
        if len(found) >= ALTERNATIVES:
            break
    return found[:ALTERNATIVES]


def _same_time(choice: Choice, openings: Openings) -> list[tuple[str, Slot, str]]:
    day = clock.local(choice.starts_at).date()
    slots = [slot for slot in openings.day(day).slots if slot.starts_at == choice.starts_at]
    return [
        (choice.with_person(person.slug).url(slot.starts_at), slot, person.name)
        for slot in slots
        for person in slot.practitioners
    ]


def _nearest(choice: Choice, openings: Openings) -> list[tuple[str, Slot, str]]:
    """Times of the same practitioner; of anyone's where they have none."""
    mine = openings if choice.person == ANYONE else only(openings, choice.person)
    if next(mine.slots(), None) is None:
        mine, choice = openings, choice.with_person(ANYONE)
    near = mine.nearest(choice.starts_at, ALTERNATIVES)
    return [(choice.url(slot.starts_at), slot, "") for slot in near if slot.starts_at != choice.starts_at]


def only(openings: Openings, person: str) -> Openings:
    """The openings of one of the practitioners, by slug."""
    diaries = [(who, diary) for who, diary in openings.diaries if who.slug == person]
    return Openings(openings.rules, diaries, openings.first, openings.last)


def _around(choice: Choice, days: int | None) -> Openings:
    """All openings of the service so many days before and after the choice; None: all there are."""
    service = profiles.service(choice.service)
    if days is None:
        return availability.load(service)
    day, reach = clock.local(choice.starts_at).date(), timedelta(days=days)
    return availability.load(service, first=max(day - reach, clock.today()), last=max(day, clock.today()) + reach)


def _found(find, slug: str):
    """What `find` gives, or None; texts that no database takes are not asked for."""
    try:
        return find(slug) if slug.isprintable() else None
    except profiles.NotFound:
        return None
