"""Erasing again what a restored backup has brought back.

A backup is older than the erasures after it, so the record of those has to come from elsewhere, as lines of JSON:
from the database that was there before, or from the note beside the backups. They hold hashes and no person; with
the site's key (the same as then) each address and number in the database is tried against them.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ..booking import privacy as appointments
from ..enquiries import privacy as enquiries
from ..extensions import db
from .erasing import remove
from .finding import RECORDS, Person, find, of_records
from .identities import EMAIL, PHONE, Identity, digest, digest_of_record
from .models import ANONYMOUS, ErasedIdentifier, Erasure

# When each digest was erased last, and how.
Erased = dict[str, tuple[datetime, str]]
TOLD = ("kind", "reason", "remark", "member_name", "counts")


class NotAnErasure(ValueError):
    """The line is none that `lines` wrote."""


class Again(NamedTuple):
    """Records that are back although they were erased, in the way that `kind` says: all under an address or number
    of the person, or single ones, which were under another when the backup was made, or are testimonials."""

    person: Person
    kind: str


def lines() -> Iterator[str]:
    """All erasures, oldest first, a line of JSON each."""
    query = select(Erasure).options(selectinload(Erasure.identifiers)).order_by(Erasure.id)
    for erasure in db.session.scalars(query):
        told = {name: getattr(erasure, name) for name in TOLD} | {"erased_at": erasure.erased_at.isoformat()}
        digests = sorted(identifier.digest for identifier in erasure.identifiers)
        yield json.dumps(told | {"digests": digests}, ensure_ascii=False)


def take(lines: Iterable[str]) -> int:
    """Keep the erasures of these lines that the database lacks; gives their number. Raises NotAnErasure."""
    known = {(erased_at, kind) for erased_at, kind in db.session.execute(select(Erasure.erased_at, Erasure.kind))}
    told = {(erasure.erased_at, erasure.kind): erasure for erasure in _erasures(lines)}  # some may come twice
    new = [erasure for key, erasure in told.items() if key not in known]
    db.session.add_all(new)
    db.session.flush()
    return len(new)


def check(lines: Iterable[str]) -> None:
    """Raise NotAnErasure where `take` would; nothing is kept."""
    for _ in _erasures(lines):
        pass


def back() -> list[Again]:
    """Whose records are in the database although they were erased."""
    erased = _last_erasures()
    if not erased:
        return []
    by_identity = _by_identity(erased)
    return by_identity + _by_record(erased, besides=by_identity)


def _by_identity(erased: Erased) -> list[Again]:
    contacts = chain(appointments.all_contacts(), enquiries.all_contacts())
    # As the columns keep them, they are as `identities.parse` gives them.
    identities = (Identity(EMAIL if "@" in contact else PHONE, contact) for contact in contacts)
    found = {identity: erased[told] for identity in identities if (told := digest(identity)) in erased}
    # What is newer than the erasure is not theirs to lose.
    agains = (Again(find([who], until=erased_at), kind) for who, (erased_at, kind) in found.items())
    return [again for again in agains if not again.person.is_unknown]


def _by_record(erased: Erased, *, besides: list[Again]) -> list[Again]:
    """What `besides` lacks, since it was under another address when the backup was made, or under none."""
    known = {(name, number) for again in besides for name in RECORDS for number in getattr(again.person, name)}
    left: dict[tuple[datetime, str], dict[str, set[int]]] = {}
    for name, domain in RECORDS.items():
        for number, made_at in domain.all_made():
            last = erased.get(digest_of_record(name, number, made_at))
            if last and (name, number) not in known:
                left.setdefault(last, {each: set() for each in RECORDS})[name].add(number)
    return [Again(of_records(**ids), kind) for (_, kind), ids in left.items()]


def erase_again(again: Again) -> dict[str, int]:
    """Erase it as it was done then; gives how many of what. Flushes."""
    return remove(again.person, anonymous=again.kind == ANONYMOUS)


def _last_erasures() -> Erased:
    query = (
        select(ErasedIdentifier.digest, Erasure.erased_at, Erasure.kind).join(Erasure).order_by(Erasure.erased_at)
    )
    return {digest: (erased_at, kind) for digest, erased_at, kind in db.session.execute(query)}


def _erasures(lines: Iterable[str]) -> Iterator[Erasure]:
    return map(_erasure, filter(str.strip, lines))


def _erasure(line: str) -> Erasure:
    try:
        told = json.loads(line)
        return Erasure(
            **{name: told[name] for name in TOLD},
            erased_at=datetime.fromisoformat(told["erased_at"]),
            identifiers=[ErasedIdentifier(digest=digest) for digest in told["digests"]],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise NotAnErasure(line) from error
