"""The audit trail: one entry for each change that staff make, and for each opening of a patient's details."""

from typing import Any

from ..extensions import db
from .models import AuditEntry, Member

COMMAND_LINE = "command line"
SOMEBODY = "somebody"  # who was not known, as at a sign-in that failed


def record(
    action: str, *, by: Member | str | None, kind: str = "", id: int | None = None, **details: Any
) -> AuditEntry:
    """Write down that `by` (None: the command line) did `action`, to the thing of this kind and number.

    `by` is SOMEBODY where nobody can know.
    `action` is in the past tense ("opened", "replied to"); `details` are small JSON values, without anything of a
    patient. Part of the caller's transaction: what is rolled back was not done. Flushes.
    """
    entry = AuditEntry(
        member_id=by.id if isinstance(by, Member) else None,
        by=by.name if isinstance(by, Member) else by or COMMAND_LINE,
        action=action,
        kind=kind,
        about_id=id,
        details=details,
    )
    db.session.add(entry)
    db.session.flush()
    return entry
