"""The audit trail: one entry for each change that staff make, and for each opening of a patient's details."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import insert

from ..extensions import db
from .models import AuditEntry, Member

COMMAND_LINE = "command line"
SOMEBODY = "somebody"  # who was not known, as at a sign-in that failed


def record(
    action: str, *, by: Member | str | None, kind: str = "", id: int | None = None, **details: Any
) -> AuditEntry:
    """Write down that `by` did `action`, to the thing of this kind and number.

    `by` is None for the command line and SOMEBODY where nobody can know. `action` is in the past tense ("opened",
    "replied to"); `details` are small JSON values, without anything of a patient. Part of the caller's
    transaction: what is rolled back was not done. Flushes.
    """
    entry = AuditEntry(**_columns(action, by, kind, id, details))
    db.session.add(entry)
    db.session.flush()
    return entry


def record_of_each(
    ids: Collection[int], action: str, *, by: Member | str | None, kind: str, **details: Any
) -> None:
    """`record` the same of each of these things, in their order; one statement."""
    if ids:
        db.session.execute(insert(AuditEntry), [_columns(action, by, kind, id, details) for id in ids])


def _columns(action: str, by: Member | str | None, kind: str, id: int | None, details: dict) -> dict:
    return {
        "member_id": by.id if isinstance(by, Member) else None,
        "by": by.name if isinstance(by, Member) else by or COMMAND_LINE,
        "action": action,
        "kind": kind,
        "about_id": id,
        "details": details,
    }
