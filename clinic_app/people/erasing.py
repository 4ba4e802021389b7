"""Erasing a person's details or making them anonymous, and erasing a testimonial, with the reason kept. Flushes;
nothing commits.

Australian Privacy Principle 11.2 asks for either once details are no longer needed; 12 and 13 are about giving
them out and correcting them. State laws keep health records for seven years, and those of patients who were under
18 until they turn 25: what is younger than the settings say needs a person's word that no such law holds it.

A testimonial is under no address, only under a name, so it is erased by its number. What stays of either is an
`Erasure` with digests, by which the same is erased again from a backup. By those of its words, and of the item it
came from, imports leave a testimonial out.
"""

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from flask import current_app
from sqlalchemy import func, select

from .. import clock, database
from ..booking import privacy as appointments
from ..booking.models import Appointment
from ..enquiries import privacy as enquiries
from ..enquiries.models import Enquiry
from ..extensions import db
from ..lists import records
from ..mail import privacy as mails
from ..retention import periods
from ..testimonials import privacy as testimonials
from . import finding
from .finding import Person
from .identities import EMAIL, PHONE, Identity, digest, digest_of_mark, digest_of_record, values
from .models import ANONYMOUS, ErasedIdentifier, Erasure

NAME = re.compile(r"[^\W\d_]+")  # each of "Mary-Jane"


class AppointmentsToCome(Exception):
    """Somebody still expects this person, or owes them an answer. These `appointments` are to be ended first."""

    def __init__(self, appointments: list[Appointment]):
        super().__init__(f"{len(appointments)} appointments are still to come")
        self.appointments = appointments


class StillToBeTold(Exception):
    """What was just done is told by mails that are held for an undoing until the instant `until`."""

    def __init__(self, until: datetime):
        super().__init__(until)
        self.until = until


class ChangedMeanwhile(Exception):
    """What is held is not what was shown when the decision was made."""


class StillToBeKept(Exception):
    """A record may have to be kept by law, and nobody has said that it need not be."""


class NamesThePerson(Exception):
    """The remark would keep what is to be erased; `words` are the ones to leave out."""

    def __init__(self, words: str):
        super().__init__(words)
        self.words = words


class MayNameThePerson(NamesThePerson):
    """The remark holds a word that may be a first name of the person, or a common word: somebody is to look."""


class NothingHeld(Exception):
    """There is nothing under these identities, or of this number."""


class Decision(NamedTuple):
    """What is to be done and why. `member_id` and `member_name` say who decided: None and "" for the command line.

    `seen` is the fingerprint of what was shown. `checked` says that no law asks for the records to be kept.
    `nameless` is the remark of which somebody has said that it names nobody.
    """

    kind: str
    reason: str
    seen: str
    remark: str = ""
    nameless: str = ""
    checked: bool = False
    member_id: int | None = None
    member_name: str = ""


def may_have_to_be_kept(person: Person, *, now: datetime) -> bool:
    """Whether a record is younger than the settings ask for, or of somebody noted as under age.

    Of others the site knows no birthdays: people must see to those.
    """
    years = current_app.config["CLINIC"].keep_appointments_years
    newest, born = person.newest_at(), appointments.latest_birth_year(person.appointments)
    is_young = newest is not None and newest > periods.years_before(now, years)
    return is_young or (born is not None and born > periods.youngest_birth_year_let_go(now))


def erase(identities: Collection[Identity], decision: Decision) -> Erasure:
    """Do as decided with all that is held under these now.

    Raises NothingHeld, NamesThePerson, MayNameThePerson, AppointmentsToCome, StillToBeTold, ChangedMeanwhile,
    StillToBeKept.
    """
    now = clock.now()
    appointments.lock(values(identities, EMAIL), values(identities, PHONE))
    return _erase(_at_rest(identities), decision, now)


def erase_testimonial(number: int, decision: Decision) -> Erasure:
    """Erase it as decided. Raises NothingHeld, NamesThePerson, MayNameThePerson, ChangedMeanwhile."""
    now = clock.now()
    testimonials.lock([number])
    there = [known for known, _ in testimonials.made([number])]
    return _erase(finding.of_records(testimonials=there), decision, now)


def testimonial_erased_at(marks: Collection[str]) -> datetime | None:
    """When a testimonial with one of these marks (`testimonials.privacy.marks_of`) was erased last, if one was."""
    ours = ErasedIdentifier.digest.in_([digest_of_mark(mark) for mark in marks])
    return db.session.scalar(select(func.max(Erasure.erased_at)).join(Erasure.identifiers).where(ours))


def _erase(person: Person, decision: Decision, now: datetime) -> Erasure:
    _check(person, decision, now)
    # What is of others under the same address or number stays, in a restored backup too.
    digests = {
        *map(digest, () if person.only else person.identities),
        *map(digest_of_mark, testimonials.marks(person.testimonials)),
        *_digests_of_records(person),
    }
    counts = remove(person, anonymous=decision.kind == ANONYMOUS)
    erasure = Erasure(
        erased_at=now,
        member_id=decision.member_id,
        member_name=decision.member_name,
        kind=decision.kind,
        reason=decision.reason,
        remark=decision.remark,
        counts=counts,
        identifiers=[ErasedIdentifier(digest=each) for each in sorted(digests)],
    )
    db.session.add(erasure)
    db.session.flush()
    return erasure


def erased_before(person: Person) -> list[Erasure]:
    """Earlier erasures under any of the person's identities, newest first."""
    digests = [digest(identity) for identity in person.identities]
    ours = select(ErasedIdentifier.erasure_id).where(ErasedIdentifier.digest.in_(digests))
    query = select(Erasure).where(Erasure.id.in_(ours)).order_by(Erasure.erased_at.desc(), Erasure.id.desc())
    return list(db.session.scalars(query))


def _at_rest(identities: Collection[Identity]) -> Person:
    """What is held, with its rows locked: nobody answers, corrects or moves any of it until we are done."""
    person = finding.find(identities)
    records.lock(Appointment, person.appointments)
    records.lock(Enquiry, person.enquiries)
    return finding.find(identities)


def _check(person: Person, decision: Decision, now: datetime) -> None:
    if person.is_unknown:
        raise NothingHeld
    if words := _names_in(decision.remark, person):
        raise NamesThePerson(words)
    if decision.remark != decision.nameless and (word := _first_name_in(decision.remark, person)):
        raise MayNameThePerson(word)
    if upcoming := appointments.to_come(person.appointments, now=now):
        raise AppointmentsToCome(upcoming)
    if until := mails.held_until(person.mails, now=now):
        raise StillToBeTold(until)
    if person.fingerprint != decision.seen:
        raise ChangedMeanwhile
    if may_have_to_be_kept(person, now=now) and not decision.checked:
        raise StillToBeKept


def _names_in(remark: str, person: Person) -> str | None:
    """What in the remark tells who it was: a name, its last word, an address or a long number."""
    if found := re.search(r"\S+@\S+|\+?\d[\d\s()-]{5,}\d", remark):
        return found[0]
    names = person.names()
    last = {name.split()[-1].rstrip(".") for name in names if name.split()}  # that of "Jane S." tells nothing
    return _one_of(names | last, remark, longer_than=1)


def _first_name_in(remark: str, person: Person) -> str | None:
    """A word of the remark that is one of their names; those of two letters are too often other words."""
    return _one_of({word for name in person.names() for word in NAME.findall(name)}, remark, longer_than=2)


def _one_of(names: Collection[str], text: str, *, longer_than: int) -> str | None:
    """The longest of these names that stands in the text, as it stands there."""
    found = (
        re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
        for name in sorted(names, key=len, reverse=True)
        if len(name) > longer_than
    )
    return next((match[0] for match in found if match), None)


def _digests_of_records(person: Person) -> Iterator[str]:
    """A backup may have them under another address, which was corrected since and may be somebody else's."""
    for name, domain in finding.RECORDS.items():
        for number, made_at in domain.made(getattr(person, name)):
            yield digest_of_record(name, number, made_at)


def remove(person: Person, *, anonymous: bool) -> dict[str, int]:
    """Erase all that is the person's, or make it anonymous, without asking; gives how many of what."""
    database.leave_no_remains()
    withdrawn = mails.delete_unsent(person.mails)
    verb = "anonymise" if anonymous else "erase"
    # Mails first: their files are named after what the rows say.
    parts = (("mails", mails), ("appointments", appointments), ("enquiries", enquiries))
    counts = {name: getattr(domain, verb)(ids) for name, domain in parts if (ids := getattr(person, name))}
    if person.testimonials:
        counts["testimonials"] = testimonials.erase(person.testimonials)
    return counts | ({"mails withdrawn": withdrawn} if withdrawn else {})
